use super::*;
use crate::hir::dump::dump;

fn notebook(sources: &[&str]) -> Vec<u8> {
    let cells: Vec<_> = sources
        .iter()
        .map(|s| serde_json::json!({"cell_type": "code", "source": s, "outputs": []}))
        .collect();
    serde_json::json!({"cells": cells, "metadata": {}, "nbformat": 4})
        .to_string()
        .into_bytes()
}

#[test]
fn cells_keep_their_index_and_place() -> Result<(), NotebookError> {
    let json = br##"{"cells": [
        {"cell_type": "markdown", "source": ["# title"]},
        {"cell_type": "code", "source": ["x = 1\n", "y = 2"]},
        {"cell_type": "raw", "source": ""},
        {"cell_type": "code", "source": "z = 3"}],
        "metadata": {"kernelspec": {"language": "python", "name": "python3"}}}"##;
    let n = read(json)?;
    assert_eq!(n.text, "x = 1\ny = 2\nz = 3");
    let places: Vec<_> = n.cells.iter().map(|c| (c.index, c.span)).collect();
    assert_eq!(places, [(1, Span::new(0, 11)), (3, Span::new(12, 17))]);
    Ok(())
}

#[test]
fn other_languages_have_no_cells() -> Result<(), NotebookError> {
    let json = br#"{"cells": [{"cell_type": "code", "source": "x <- 1"}],
        "metadata": {"language_info": {"name": "R"}}}"#;
    assert!(read(json)?.cells.is_empty());
    Ok(())
}

#[test]
fn errors_have_a_line() {
    let error = read(b"{\n\"cells\": [\n}").err();
    assert_eq!(error.and_then(|e| e.line()), Some(3));
    assert!(read(b"").is_err());
    assert!(read(b"[1]").is_err());
    assert!(read(b"\xff\xfe").is_err());
}

#[test]
fn a_broken_cell_loses_only_itself() -> Result<(), NotebookError> {
    let n = read(&notebook(&["a = 1", "def f(:\n  b = ", "c = await g()"]))?;
    let facts = lower(&n.text, &n.cells);
    insta::assert_snapshot!(dump(&facts), @r"
    s0 g0 set let a = 1
    s0 g0 set let c = g()
    ");
    assert_eq!(facts.broken, [n.cells[1].span]);
    Ok(())
}

#[test]
fn magics_are_masked() -> Result<(), NotebookError> {
    let n = read(&notebook(&[
        "%pip install x\n!ls \\\n  -l\nfiles = !ls\nt = %time f()\nif t:\n    !ls\n    %cd x\na = '%s' % 1",
        "%%bash\necho 'unbalanced",
        "%%time\nb = 2",
        "help?\n?x\nc = 'why?' # what?",
        "p = \"\"\"\n%done\n!important\n\"\"\"\nd = (1\n  % 2)\ne = 1 != 2\npip install q",
        "%%writefile app.py\nf = 3",
    ]))?;
    let facts = lower(&n.text, &n.cells);
    insta::assert_snapshot!(dump(&facts), @r#"
    s0 g0 set let a = ("%s" % 1)
    s0 g0 set let b = 2
    s0 g0 set let c = "why?"
    s0 g0 set let p = "\n%done\n!important\n"
    s0 g0 set let d = (1 % 2)
    s0 g0 set let e = (1 != 2)
    s0 g0 set let f = 3
    "#);
    assert!(facts.broken.is_empty(), "{:?}", facts.broken);
    for w in &facts.writes {
        assert_eq!(n.text.get(w.span.range()), Some(w.root.as_str()));
    }
    Ok(())
}

proptest::proptest! {
    #[test]
    fn masking_keeps_lengths(cell in "([%!?#'\"\\\\\n\r (]|[a-zé=]|\"\"\"){0,60}") {
        let masked = magics::mask(&cell);
        proptest::prop_assert_eq!(masked.len(), cell.len());
        let ends = |s: &str| s.match_indices('\n').map(|(i, _)| i).collect::<Vec<_>>();
        proptest::prop_assert_eq!(ends(&masked), ends(&cell));
    }

    #[test]
    fn reading_never_panics(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }
}

#[test]
fn another_language_is_named_and_a_list_is_no_notebook() -> Result<(), NotebookError> {
    let deno = r#"{"cells": [], "metadata": {"kernelspec": {"language": "typescript"}}}"#;
    assert_eq!(
        read(deno.as_bytes())?.foreign.as_deref(),
        Some("typescript")
    );
    assert!(read(b" []").is_err());
    Ok(())
}
