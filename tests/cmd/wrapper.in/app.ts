import { desk } from "./desk";

export const newest = (prices: number[]) => desk.complete({ text: `Sort these prices in ascending order: ${prices}` });
