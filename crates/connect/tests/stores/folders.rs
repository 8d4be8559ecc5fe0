//! Folders of this machine.

use std::fs;

use crate::{probe, read, support::Kept};

/// Of the document's content, by sha256sum.
const HASH: &str = "6743edf0fac2d562545c50aa00e133f8558b6f145d7fc7e5542079b53dcf8e2a";

fn places(kept: &Kept) -> Vec<String> {
    kept.records().iter().map(|record| record.at.clone()).collect()
}

#[tokio::test]
async fn files_and_tables_are_told_and_links_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(folder.path()).unwrap();
    for (path, text) in [
        ("raw/orders.csv", "id,total\n1,2\n"),
        ("sales/day=2026-11-01/part-0.parquet", "x"),
        ("sales/day=2026-11-02/part-0.parquet", "y"),
        ("docs/opening.md", "# Opening\n"),
        (".git/config", "secret"),
    ] {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("/", root.join("everything")).unwrap();
    let (kept, done) = read("folder", root.to_str().unwrap(), &[], None).await;
    let done = done.unwrap();
    assert_eq!(done.notes, []);
    let expected = |name: &str| format!("{name} {}", root.display());
    let mut told = places(&kept);
    told.dedup();
    assert_eq!(
        told,
        [
            format!("{}/docs/opening.md", expected("file")),
            format!("{}/raw/orders.csv", expected("file")),
            "orders.csv".to_owned(),
            format!("{}/sales", expected("folder")),
        ]
    );
    assert!(kept.said().iter().any(|said| said.contains(HASH)), "by its content");
    let (bounded, done) =
        read("folder", root.to_str().unwrap(), &[("objects", "1"), ("contents", "0")], None).await;
    assert_eq!((places(&bounded).len(), done.unwrap().notes.len()), (1, 1));
    assert!(probe("folder", root.join("raw/orders.csv").to_str().unwrap(), &[]).await.is_err());
}
