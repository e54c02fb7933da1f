#!/usr/bin/env python3
"""Lists lines that read like a prompt and that no call of `deprompt calls` covers.

usage: uncovered.py --binary PATH/TO/deprompt DIRECTORY [...]

A line of source or of a prompt file that addresses a model ("You are a", "Return only") and is in no
reported prompt is either dead text or a shape of code that the resolver does not know yet. The number in
brackets says how many calls the file has. Tests, documentation and builds are left out.
"""
import argparse, collections, json, os, re, subprocess, sys

ADDRESSES_A_MODEL = re.compile(
    r"\b(You are (a|an|the)\b|You're an? |Your (task|job|role|goal) is"
    r"|(Respond|Reply|Answer|Return|Output) (only|ONLY|with only|in JSON|strictly)"
    r"|(ONLY|only) (return|output|respond|reply) |Act as an? "
    r"|(Given|Extract|Summarize|Analyze) the following)"
)
SOURCE = (".py", ".ts", ".tsx", ".js", ".mjs", ".rs")
PROMPT_FILE = (".txt", ".md", ".j2", ".jinja", ".jinja2", ".yaml", ".yml", ".json", ".toml", ".hbs", ".tera", ".prompt", ".mustache")
SAYS_PROMPT = re.compile(r"prompt|template|agent|system|instruction", re.I)
LEFT_OUT = re.compile(
    r"(^|/)(node_modules|dist|build|vendor|tests?|__tests__|spec|docs?|examples?|fixtures|\.[^/]+)(/|$)"
    r"|\.(test|spec)\.|\.min\.|test_|_test\.|conftest|README|CHANGELOG",
    re.I,
)
COMMENT = re.compile(r"\s*(//|#|\*)")
MAX_BYTES = 600_000


def covered(binary, root):
    """The lines of each file that reported prompts cover, and the number of calls of each file."""
    run = subprocess.run([binary, "calls", "--output-format", "json", root], capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(f"{binary} calls {root}: exit code {run.returncode}\n{run.stderr}")
    lines, calls = collections.defaultdict(set), collections.Counter()
    for call in json.loads(run.stdout)["calls"]:
        calls[os.path.realpath(call["path"])] += 1
        for message in call["prompt"]:
            for span in message["spans"]:
                first, last = span["start"]["line"], span["end"]["line"]
                lines[os.path.realpath(span["path"])] |= set(range(first - 1, last + 2))
    return lines, calls


def candidates(root):
    """The files below a directory that may hold prompts, relative to it."""
    for folder, folders, names in os.walk(root):
        inside = os.path.relpath(folder, root)
        folders[:] = sorted(f for f in folders if not LEFT_OUT.search(os.path.join("" if inside == "." else inside, f) + "/"))
        for name in sorted(names):
            path = os.path.normpath(os.path.join(inside, name))
            if LEFT_OUT.search(path):
                continue
            if name.endswith(SOURCE) or (name.endswith(PROMPT_FILE) and SAYS_PROMPT.search(path)):
                yield path


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("directory", nargs="+")
    options = parser.parse_args()
    seen = missed = 0
    for root in options.directory:
        lines, calls = covered(options.binary, root)
        for path in candidates(root):
            full = os.path.realpath(os.path.join(root, path))
            if not os.path.isfile(full) or os.path.getsize(full) > MAX_BYTES:
                continue
            with open(full, encoding="utf-8", errors="replace") as file:
                for number, line in enumerate(file, 1):
                    if COMMENT.match(line) or not ADDRESSES_A_MODEL.search(line):
                        continue
                    seen += 1
                    if number not in lines[full]:
                        missed += 1
                        print(f"{os.path.join(root, path)}:{number} [{calls[full]}] {line.strip()[:120]}")
    print(f"{missed} of {seen} lines are in no prompt", file=sys.stderr)


if __name__ == "__main__":
    main()
