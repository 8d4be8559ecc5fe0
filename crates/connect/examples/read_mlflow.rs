//! Reads an MLflow and prints what came and how long it took: `cargo run --example read_mlflow -- ADDRESS`.

use std::{ops::ControlFlow, process::ExitCode, sync::Arc, time::Instant};

use catena_connect::{
    cancel::Cancel,
    connector::{Cursor, Progress, Sink},
    registry::{Address, Settings, System},
};
use catena_model::{
    clock::Fixed,
    statement::{Read, Statement},
    time::Timestamp,
};

#[derive(Debug, Default)]
struct Counts {
    records: usize,
    statements: usize,
    points: usize,
    rejections: usize,
    portions: usize,
}

impl Sink for Counts {
    fn take(&mut self, reads: Vec<Read>, _: Cursor) -> ControlFlow<()> {
        self.portions += 1;
        for read in reads {
            match read {
                Err(rejection) => {
                    self.rejections += 1;
                    eprintln!("{}: {}", rejection.place, rejection.why);
                }
                Ok(record) => {
                    self.records += 1;
                    self.statements += record.statements.len();
                    for statement in record.statements {
                        if let Statement::Points { points, .. } = statement {
                            self.points += points.len();
                        }
                    }
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn progress(&mut self, progress: Progress) {
        eprint!("\r{} {:<40}", progress.done, progress.stage);
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let (Some(address), Some(system)) = (std::env::args().nth(1), System::by_key("mlflow")) else {
        eprintln!("usage: read_mlflow ADDRESS");
        return ExitCode::FAILURE;
    };
    let settings = Settings::new(Arc::new(Fixed(Timestamp::default())));
    let began = Instant::now();
    let mut counts = Counts::default();
    let done = match system.open(&Address::parse(&address), settings) {
        Ok(connector) => connector.read(None, &mut counts, &Cancel::new()).await,
        Err(error) => Err(error),
    };
    eprintln!("\r{:?}: {counts:?}", began.elapsed());
    match done {
        Ok(done) => {
            eprintln!("{done:?}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
