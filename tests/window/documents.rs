//! Documents that were made to burst, read by the program that is installed: each costs itself and nothing else.

use std::{
    io::Write,
    process::Command,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::driver::app;

/// A ZIP of one stored part.
fn docx(body: &[u8]) -> Vec<u8> {
    let name = b"word/document.xml";
    let (sum, length) = (crc(body), u32::try_from(body.len()).unwrap().to_le_bytes());
    let mut out = Vec::new();
    let fields = |version: &[u8]| {
        let mut fields = version.to_vec();
        fields.extend([20, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        fields.extend(sum.to_le_bytes());
        fields.extend(length);
        fields.extend(length);
        fields.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        fields
    };
    out.extend(b"PK\x03\x04");
    out.extend(fields(&[]));
    out.extend([0, 0]);
    out.extend(name);
    out.extend(body);
    let directory = u32::try_from(out.len()).unwrap();
    out.extend(b"PK\x01\x02");
    out.extend(fields(&[20, 0]));
    out.extend([0; 12]);
    out.extend(0_u32.to_le_bytes());
    out.extend(name);
    let size = u32::try_from(out.len()).unwrap() - directory;
    out.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    out.extend(size.to_le_bytes());
    out.extend(directory.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum: u32, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 },
        )
    })
}

/// A PDF whose pages lead back to themselves.
const CIRCLE: &str = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
    2 0 obj\n<< /Type /Pages /Count 1000000000 /Kids [2 0 R 2 0 R 2 0 R 2 0 R] >>\nendobj\n\
    trailer\n<< /Root 1 0 R >>\n%%EOF\n";

#[test]
fn a_document_that_was_made_to_burst_costs_one_document() {
    let folder = tempfile::tempdir().unwrap();
    let documents = folder.path().join("documents");
    std::fs::create_dir(&documents).unwrap();
    let put = |name: &str, bytes: &[u8]| {
        std::fs::File::create(documents.join(name)).unwrap().write_all(bytes).unwrap();
    };
    put("good.docx", &docx(b"<w:document><w:p><w:t>It is read.</w:t></w:p></w:document>"));
    put("deep.docx", &docx("<w:p><w:t>".repeat(400_000).as_bytes()));
    put("large.docx", &docx(&vec![b'x'; 70 << 20]));
    put("circle.pdf", CIRCLE.as_bytes());
    put("deep.pdf", format!("%PDF-1.4\n1 0 obj\n{}\nendobj\n", "[".repeat(2_000_000)).as_bytes());
    put("good.md", b"# Read\n\nIt is read too.\n");
    let begun = Instant::now();
    let output = Command::new(app())
        .args(["--catalog", folder.path().join("c.catena").to_str().unwrap(), "--format", "json"])
        .args(["import", "documents", documents.to_str().unwrap()])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rejected: Vec<&str> = report["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["where"].as_str().unwrap().rsplit('/').next().unwrap())
        .collect();
    for name in ["large.docx", "circle.pdf", "deep.pdf"] {
        assert!(rejected.contains(&name), "{name} in {report}");
    }
    for name in ["good.docx", "good.md"] {
        assert!(!rejected.contains(&name), "{name} in {report}");
    }
    assert!(begun.elapsed() < Duration::from_secs(100), "{:?}", begun.elapsed());
}
