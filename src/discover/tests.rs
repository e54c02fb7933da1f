//! Discovery on directories made for the test.

use super::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn tree(files: &[&str]) -> io::Result<tempfile::TempDir> {
    let dir = tempfile::tempdir()?;
    for f in files {
        let path = dir.path().join(f);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, "")?;
    }
    Ok(dir)
}

fn found(dir: &Path, args: &[&str], rules: &Rules) -> Result<Vec<String>, Error> {
    let paths: Vec<PathBuf> = args.iter().map(PathBuf::from).collect();
    Ok(discover(&paths, dir, rules)?
        .paths
        .iter()
        .map(|p| crate::report::path::relative(p, dir))
        .collect())
}

#[test]
fn source_files_sorted_without_other_peoples_code() -> Outcome {
    let dir = tree(&[
        "b.py",
        "a.ts",
        "README.md",
        "node_modules/x/index.js",
        "pkg/venv/lib/y.py",
        "web/app.min.js",
        ".github/scripts/z.py",
        ".git/hooks/h.py",
        ".next/server/page.js",
        "build/out.js",
        "src/n.ipynb",
    ])?;
    assert_eq!(
        found(dir.path(), &["."], &Rules::default())?,
        [".github/scripts/z.py", "a.ts", "b.py", "src/n.ipynb"]
    );
    let all = Rules {
        no_ignore: true,
        ..Rules::default()
    };
    assert!(found(dir.path(), &["."], &all)?.contains(&"node_modules/x/index.js".to_owned()));
    Ok(())
}

#[test]
fn builds_and_vendored_code_beside_a_manifest_are_left_out() -> Outcome {
    let dir = tree(&[
        "package.json",
        "build/out.js",
        "vendor/x.js",
        "third_party/y.py",
        "src/build/step.ts",
        "api/pyproject.toml",
        "api/build/__init__.py",
        "api/build/run.py",
        "api/target/lib.py",
        "api/vendor/models.py",
        "loose/target/t.rs",
    ])?;
    let rules = Rules::default();
    assert_eq!(
        found(dir.path(), &["."], &rules)?,
        [
            "api/build/__init__.py",
            "api/build/run.py",
            "loose/target/t.rs",
            "src/build/step.ts"
        ]
    );
    let named = found(dir.path(), &["build", "third_party"], &rules)?;
    assert_eq!(named, ["build/out.js", "third_party/y.py"]);
    Ok(())
}

#[test]
fn a_leading_dot_is_this_directory_and_an_unclosed_bracket_an_error() {
    assert_eq!(exclude_pattern("./a.py").as_deref(), Ok("/a.py"));
    assert_eq!(exclude_pattern("!./a/").as_deref(), Ok("!/a/"));
    assert_eq!(exclude_pattern(".hidden").as_deref(), Ok(".hidden"));
    assert!(exclude_pattern("[a-").is_err_and(|e| e.contains("unclosed")));
    assert!(exclude_pattern("\\[a").is_ok() && exclude_pattern("#[a").is_ok());
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_not_opened() -> Outcome {
    let dir = tree(&["a.py"])?;
    let path = dir.path().join("socket.py");
    let _socket = std::os::unix::net::UnixListener::bind(&path)?;
    let found = discover(&["socket.py".into()], dir.path(), &Rules::default())?;
    assert!(found.paths.is_empty());
    let notice = found.notices.first().ok_or("no notice")?;
    assert_eq!(notice.level, NoticeLevel::Error);
    assert!(notice.message.contains("regular file"));
    Ok(())
}

#[test]
fn gitignore_holds_for_walks_and_not_for_files_named_outright() -> Outcome {
    let dir = tree(&["a.py", "dist/b.py"])?;
    std::fs::create_dir(dir.path().join(".git"))?;
    std::fs::write(dir.path().join(".gitignore"), "dist/\n")?;
    assert_eq!(found(dir.path(), &["."], &Rules::default())?, ["a.py"]);
    assert_eq!(
        found(
            dir.path(),
            &["dist/b.py", "./a.py", "a.py"],
            &Rules::default()
        )?,
        ["a.py", "dist/b.py"]
    );
    Ok(())
}

#[test]
fn exclude_and_force_exclude() -> Outcome {
    let dir = tree(&["a.py", "tests/deep/b.py", "gen/c.py"])?;
    let mut rules = Rules {
        exclude: vec![(
            dir.path().to_owned(),
            vec!["tests/".into(), "gen/*.py".into()],
        )],
        ..Rules::default()
    };
    assert_eq!(found(dir.path(), &["."], &rules)?, ["a.py"]);
    assert_eq!(
        found(dir.path(), &["tests/deep"], &rules)?,
        Vec::<String>::new()
    );
    assert_eq!(found(dir.path(), &["gen/c.py"], &rules)?, ["gen/c.py"]);
    rules.force_exclude = true;
    assert_eq!(
        found(dir.path(), &["gen/c.py"], &rules)?,
        Vec::<String>::new()
    );
    Ok(())
}

#[test]
fn a_missing_path_is_an_error() -> Outcome {
    let dir = tree(&[])?;
    let error = found(dir.path(), &["nope.py"], &Rules::default()).err();
    assert!(error.is_some_and(|e| e.to_string().starts_with("nope.py: ")));
    Ok(())
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_not_followed_and_broken_ones_only_matter_if_named() -> Outcome {
    let dir = tree(&["real/a.py"])?;
    std::os::unix::fs::symlink("nowhere.py", dir.path().join("broken.py"))?;
    std::os::unix::fs::symlink("real", dir.path().join("linked"))?;
    assert_eq!(found(dir.path(), &["."], &Rules::default())?, ["real/a.py"]);
    assert!(found(dir.path(), &["broken.py"], &Rules::default()).is_err());
    Ok(())
}

#[test]
fn a_file_in_no_known_language_is_noticed() -> Outcome {
    let dir = tree(&["x.txt"])?;
    let d = discover(&["x.txt".into()], dir.path(), &Rules::default())?;
    assert_eq!((d.paths.len(), d.notices.len()), (0, 1));
    Ok(())
}

#[test]
fn the_root_is_the_nearest_marked_directory() -> Outcome {
    let dir = tree(&["repo/pkg/a.py", "repo/deprompt.toml", "loose/b.py"])?;
    let pkg = dir.path().join("repo/pkg");
    assert_eq!(project_root(&pkg), Some(dir.path().join("repo")));
    let both = [dir.path().join("repo/pkg/a.py"), dir.path().join("loose")];
    assert_eq!(common_directory(&both), Some(dir.path().to_owned()));
    Ok(())
}
