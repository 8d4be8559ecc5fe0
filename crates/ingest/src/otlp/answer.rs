//! The few messages that a receiver of exports answers with, in protobuf.

use super::wire::{put, put_number};

/// A response to an export: empty, or its one field `partial_success` (1) with how many items were rejected (1) and why
/// (2).
pub fn response(rejected: usize, why: &str) -> Vec<u8> {
    let mut response = Vec::new();
    if rejected > 0 {
        let mut partial = Vec::new();
        put_number(1, rejected as u64, &mut partial);
        put(2, why.as_bytes(), &mut partial);
        put(1, &partial, &mut response);
    }
    response
}

/// `google.rpc.Status`: a code (1) and a message (2).
pub fn status(code: u8, message: &str) -> Vec<u8> {
    let mut status = Vec::new();
    put_number(1, u64::from(code), &mut status);
    put(2, message.as_bytes(), &mut status);
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_success_is_written_as_protobuf_writes_it() {
        assert_eq!(response(300, "no"), [0x0a, 7, 0x08, 0xac, 0x02, 0x12, 2, b'n', b'o']);
        assert_eq!(response(0, ""), [0; 0]);
        assert_eq!(status(3, "no"), [0x08, 3, 0x12, 2, b'n', b'o']);
    }
}
