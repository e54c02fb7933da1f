//! Whatever the input: a message, the documented exit code, no panic, and the other files checked;
//! and the same bytes on every run.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const SORTING: &str = "import openai\nopenai.responses.create(model=\"m\", input=f\"Sort these prices in ascending order: {prices}\")\n";

fn deprompt(directory: &Path, args: &[&str]) -> Result<Output> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deprompt"));
    command.current_dir(directory).args(args);
    for variable in ["CLICOLOR_FORCE", "FORCE_COLOR", "COLUMNS"] {
        command.env_remove(variable);
    }
    Ok(command.env("NO_COLOR", "1").output()?)
}

/// Exit code, standard output and standard error of a concise check.
fn check(directory: &Path, args: &[&str]) -> Result<(Option<i32>, String, String)> {
    let all: Vec<&str> = ["check", "--output-format", "concise"]
        .iter()
        .chain(args)
        .copied()
        .collect();
    let output = deprompt(directory, &all)?;
    let out = String::from_utf8(output.stdout)?;
    let err = String::from_utf8(output.stderr)?;
    assert!(!err.contains("panicked"), "{err}");
    Ok((output.status.code(), out, err))
}

/// A directory with one file that has a finding.
fn project() -> Result<TempDir> {
    let directory = TempDir::new()?;
    fs::write(directory.path().join("good.py"), SORTING)?;
    Ok(directory)
}

/// Checks the whole directory and the one file: the message, the code, and that `good.py` counts.
fn with_good(directory: &Path, name: &str, code: i32, message: &str) -> Result {
    let (got, out, err) = check(directory, &["--no-config", "."])?;
    assert_eq!(got, Some(code), "{name}: {out}{err}");
    assert!(
        out.contains("good.py:2:44: warning[collection-sort]"),
        "{name}: {out}"
    );
    assert!(err.contains(message), "{name}: {err}");
    let (_, _, err) = check(directory, &["--no-config", name])?;
    assert!(err.contains(message), "{name}: {err}");
    Ok(())
}

#[test]
fn a_syntax_error() -> Result {
    let directory = project()?;
    let text = SORTING.replace("import openai", "import openai; x = = (");
    fs::write(directory.path().join("broken.py"), &text)?;
    fs::write(
        directory.path().join("broken.ts"),
        "import OpenAI from \"openai\";\nconst x = = 3;\n",
    )?;
    fs::write(
        directory.path().join("broken.rs"),
        "use rig::completion::Prompt;\nfn f( { let x = ; }\n",
    )?;
    with_good(
        directory.path(),
        "broken.py",
        1,
        "broken.py:1: syntax error; the rest of the file was checked",
    )?;
    with_good(
        directory.path(),
        "broken.ts",
        1,
        "broken.ts:2: syntax error; the rest of the file was checked",
    )?;
    with_good(
        directory.path(),
        "broken.rs",
        1,
        "broken.rs:2: syntax error; the rest of the file was checked",
    )
}

#[test]
fn bytes_that_are_no_utf8() -> Result {
    let directory = project()?;
    let mut bytes = b"# caf\xe9\n".to_vec();
    bytes.extend_from_slice(SORTING.as_bytes());
    fs::write(directory.path().join("latin.py"), bytes)?;
    with_good(directory.path(), "latin.py", 1, "latin.py:1: not UTF-8")?;
    let (_, out, _) = check(directory.path(), &["--no-config", "latin.py"])?;
    assert!(
        out.contains("latin.py:3:44: warning[collection-sort]"),
        "{out}"
    );
    Ok(())
}

#[test]
fn an_empty_file_and_one_of_blanks() -> Result {
    let directory = project()?;
    for name in ["empty.py", "empty.ts", "empty.rs"] {
        fs::write(directory.path().join(name), "")?;
        with_good(directory.path(), name, 1, "")?;
    }
    fs::write(directory.path().join("blank.js"), "\u{feff}\n \r\n\t")?;
    let (code, out, err) = check(directory.path(), &["--no-config", "--no-prefilter", "."])?;
    assert_eq!((code, err.as_str()), (Some(1), ""), "{out}");
    Ok(())
}

#[test]
fn a_file_of_a_hundred_megabytes() -> Result {
    let directory = project()?;
    fs::File::create(directory.path().join("huge.py"))?.set_len(100 << 20)?;
    with_good(
        directory.path(),
        "huge.py",
        1,
        "huge.py: not checked: 104857600 bytes, more than the limit",
    )
}

#[test]
fn a_broken_notebook() -> Result {
    let directory = project()?;
    let path = directory.path().join("broken.ipynb");
    fs::write(&path, "{\"cells\": [\"import openai\"")?;
    with_good(directory.path(), "broken.ipynb", 2, "broken.ipynb: ")?;
    fs::write(&path, "\"import openai\"")?;
    with_good(directory.path(), "broken.ipynb", 2, "broken.ipynb: ")
}

#[test]
fn a_path_that_is_not_there() -> Result {
    let directory = project()?;
    let (code, out, err) = check(directory.path(), &["--no-config", "good.py", "gone.py"])?;
    assert_eq!(code, Some(2));
    assert!(out.contains("collection-sort"), "{out}");
    assert!(err.contains("gone.py: no such file or directory"), "{err}");
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_broken_symbolic_link() -> Result {
    let directory = project()?;
    std::os::unix::fs::symlink("gone.py", directory.path().join("link.py"))?;
    let (code, out, err) = check(directory.path(), &["--no-config", "."])?;
    assert_eq!(code, Some(1));
    assert!(out.contains("collection-sort"), "{out}");
    assert!(
        err.contains("link.py: not checked: a symbolic link to nothing"),
        "{err}"
    );
    let (code, _, err) = check(directory.path(), &["--no-config", "link.py"])?;
    assert_eq!(code, Some(2));
    assert!(err.contains("link.py: no such file or directory"), "{err}");
    Ok(())
}

#[cfg(unix)]
#[test]
#[expect(clippy::print_stderr, reason = "says why nothing was checked")]
fn a_directory_and_a_file_without_permission() -> Result {
    use std::os::unix::fs::PermissionsExt;
    let directory = project()?;
    let (closed, file) = (
        directory.path().join("closed"),
        directory.path().join("closed.py"),
    );
    fs::create_dir(&closed)?;
    fs::write(&file, SORTING)?;
    let set = |mode| -> Result {
        fs::set_permissions(&closed, fs::Permissions::from_mode(mode))?;
        Ok(fs::set_permissions(
            &file,
            fs::Permissions::from_mode(mode),
        )?)
    };
    set(0)?;
    let readable = fs::read(&file).is_ok();
    let outcome = check(directory.path(), &["--no-config", "."]);
    set(0o700)?;
    let (code, out, err) = outcome?;
    if readable {
        eprintln!("skipped: this user may read everything");
        return Ok(());
    }
    assert_eq!(code, Some(2));
    assert!(
        out.contains("good.py:2:44: warning[collection-sort]"),
        "{out}"
    );
    assert!(
        err.contains("closed: cannot be read: permission denied"),
        "{err}"
    );
    assert!(
        err.contains("closed.py: cannot be read: permission denied"),
        "{err}"
    );
    Ok(())
}

#[test]
fn rules_and_settings_that_are_wrong() -> Result {
    let directory = project()?;
    let path = directory.path();
    fs::create_dir(path.join("rules"))?;
    let rule = "id = \"shout\"\ncategory = \"text-edit\"\nkind = \"task\"\nwhat = \"Shouting\"\n";
    let cases = [
        ("zzz = 1\n", "", "unknown key `zzz`"),
        ("rules = [\"gone\"]\n", "", "gone"),
        ("apis = [\"gone.toml\"]\n", "", "gone.toml"),
        ("rules = [\"rules\"]\n", "any = ['(']\n", "shout.toml:5: "),
        (
            "rules = [\"rules\"]\n",
            "any = ['a']\nsverity = \"note\"\n",
            "unknown field `sverity`",
        ),
        ("rules = [\"rules\"]\n", "any = [\n", "shout.toml:"),
    ];
    for (settings, rest, message) in cases {
        fs::write(path.join("deprompt.toml"), settings)?;
        fs::write(path.join("rules/shout.toml"), format!("{rule}{rest}"))?;
        let (code, out, err) = check(path, &["."])?;
        assert_eq!((code, out.as_str()), (Some(2), ""), "{settings}{rest}");
        assert!(err.contains(message), "{message}: {err}");
    }
    Ok(())
}

#[test]
fn nesting_without_end() -> Result {
    let directory = project()?;
    let deep = 20_000;
    let marker = "import openai\n";
    let write = |name: &str, text: String| fs::write(directory.path().join(name), text);
    write(
        "deep.py",
        format!("{marker}x = {}1{}\n", "(".repeat(deep), ")".repeat(deep)),
    )?;
    write(
        "wide.py",
        format!("{marker}x = {}\"\"\n", "\"a\" + ".repeat(deep)),
    )?;
    write(
        "deep.ts",
        format!(
            "import \"openai\";\nconst x = {}{};\n",
            "[".repeat(deep),
            "]".repeat(deep)
        ),
    )?;
    write(
        "deep.rs",
        format!(
            "use rig::x;\nfn f() {{ {}{} }}\n",
            "{".repeat(deep),
            "}".repeat(deep)
        ),
    )?;
    let (code, out, err) = check(directory.path(), &["--no-config", "."])?;
    assert_eq!(code, Some(1), "{err}");
    assert!(out.contains("good.py"), "{out}");
    Ok(())
}

/// Modules that import everything of one another must cost no more than reading each once.
#[test]
fn modules_that_star_import_each_other() -> Result {
    let directory = project()?;
    let names: Vec<String> = (0..40).map(|n| format!("part_{n}")).collect();
    for name in &names {
        let others = names.iter().filter(|o| *o != name);
        let python: String = others
            .clone()
            .map(|o| format!("from {o} import *\n"))
            .collect();
        let script: String = others
            .map(|o| format!("export * from './{o}';\n"))
            .collect();
        fs::write(
            directory.path().join(format!("{name}.py")),
            format!(
                "import openai\n{python}openai.responses.create(model='m', input=missing(text))\n"
            ),
        )?;
        fs::write(
            directory.path().join(format!("{name}.ts")),
            format!(
                "import OpenAI from 'openai';\n{script}new OpenAI().responses.create({{ input: missing(text) }});\n"
            ),
        )?;
    }
    let (code, out, err) = check(directory.path(), &["--no-config", "."])?;
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(
        out.contains("good.py:2:44: warning[collection-sort]"),
        "{out}"
    );
    Ok(())
}

#[test]
fn prompt_files_outside_the_project_are_not_read() -> Result {
    let directory = TempDir::new()?;
    let project = directory.path().join("project");
    fs::create_dir_all(project.join(".git"))?;
    let secret = directory.path().join("secret.txt");
    fs::write(&secret, "Sort these names alphabetically: {names}")?;
    let mut paths = vec!["../secret.txt".to_owned(), secret.display().to_string()];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&secret, project.join("link.txt"))?;
        paths.push("link.txt".to_owned());
    }
    for path in paths {
        let code = format!(
            "import openai\nopenai.responses.create(model=\"m\", input=open({path:?}).read())\n"
        );
        fs::write(project.join("ask.py"), code)?;
        let (code, out, err) = check(&project, &["--select", "ALL", "."])?;
        assert!(!out.contains("alphabetically"), "{path}: {out}");
        assert_eq!(code, Some(0), "{path}: {out}{err}");
    }
    fs::write(project.join("secret.txt"), fs::read(&secret)?)?;
    fs::write(
        project.join("ask.py"),
        "import openai\nopenai.responses.create(model=\"m\", input=open(\"secret.txt\").read())\n",
    )?;
    let (code, out, _) = check(&project, &["."])?;
    assert!(out.contains("secret.txt:1:1"), "{out}");
    assert_eq!(code, Some(1), "{out}");
    Ok(())
}
