import subprocess


def ask(prompt, system=""):
    return subprocess.check_output(["./ask.sh", system], input=prompt, text=True)
