#!/usr/bin/env python3
"""Leave one repository out: how well would the rules do on a repository they were not written from?

usage: loro.py --binary PATH/TO/deprompt --rules rules --corpus DIR --out DIR

Each folder of the corpus is a repository. For each of them, every pattern that matches in no other
repository of the corpus is taken out of the rules, and a settings file with what is left is written
to the output directory. `OUT/deprompt` then stands in for the binary: given a repository of the
corpus as last argument it runs with the rules of that repository, so that whatever scores the
binary scores the rules without what was fitted to each repository.

Word lists and vetoes stay as they are: the figure is still a little too good.
"""
import argparse, collections, pathlib, re, stat, subprocess, sys

NEVER = "'''[^\\s\\S]'''"


def hits(binary, root):
    """The patterns that match in a repository: {(rule, number)}."""
    cmd = [binary, "calls", "--no-config", "--trace-patterns", str(root)]
    p = subprocess.run(cmd, capture_output=True, text=True)
    if p.returncode not in (0, 1, 2):
        sys.exit(f"{' '.join(cmd)}: {p.stderr[-500:]}")
    rows = (line.split("\t") for line in p.stdout.splitlines())
    return {(r[0], int(r[1])) for r in rows if len(r) == 3}


def without(text, numbers):
    """The text of a rule file with these patterns of `any` replaced by one that never matches."""
    start = re.search(r"^any = \[", text, re.M).end()
    string = re.compile(r"'''.*?'''|\"\"\".*?\"\"\"|'[^'\n]*'|\"(?:[^\"\\\n]|\\.)*\"|#[^\n]*|\]", re.S)
    out, at, n = [text[:start]], start, 0
    for m in string.finditer(text, start):
        if m[0] == "]":
            break
        if m[0].startswith("#"):
            continue
        if n in numbers:
            out += [text[at:m.start()], NEVER]
            at = m.end()
        n += 1
    # A rule's examples may rest on the pattern; they are not run here.
    return "".join(out) + text[at:]


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--binary", required=True, type=pathlib.Path)
    ap.add_argument("--rules", required=True, type=pathlib.Path)
    ap.add_argument("--corpus", required=True, type=pathlib.Path)
    ap.add_argument("--out", required=True, type=pathlib.Path)
    o = ap.parse_args()
    binary, out = str(o.binary.resolve()), o.out.resolve()
    roots = sorted(p for p in o.corpus.iterdir() if p.is_dir())
    seen = {r.name: hits(binary, r) for r in roots}
    count = collections.Counter(h for s in seen.values() for h in s)
    files = {p.stem: p for p in o.rules.rglob("*.toml")}
    total = 0
    for name, own in seen.items():
        folder = out / "rules" / name
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.toml"):
            old.unlink()
        fitted = collections.defaultdict(set)
        for rule, number in own:
            if count[rule, number] == 1:
                fitted[rule].add(number)
        for rule, numbers in fitted.items():
            (folder / f"{rule}.toml").write_text(without(files[rule].read_text(), numbers))
        total += sum(map(len, fitted.values()))
        (out / f"{name}.toml").write_text(f"rules = [{str(folder)!r}]\n")
    wrapper = out / "deprompt"
    wrapper.write_text(f'#!/bin/sh\nfor a; do last=$a; done\nexec {binary} "$@" --config "{out}/$(basename "$last").toml"\n')
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP)
    print(f"{len(roots)} repositories, {len(count)} patterns match, {total} of them in one repository only")
    print(wrapper)


if __name__ == "__main__":
    main()
