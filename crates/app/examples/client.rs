//! Writes the TypeScript client to standard output.

#[allow(clippy::print_stdout)]
fn main() {
    print!("{}", catena_app::client::generate());
}
