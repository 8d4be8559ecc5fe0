"""Writes an mlflow.db with many runs, straight into MLflow's own tables: its API would take hours for as much.

    .cache/venv/mlflow/bin/python tests/systems/many_runs.py FILE --runs 5000 --series 100 --points 10000

The first `--series` runs have a history of `--points` points of the metric `loss`, and the first `--wide` runs one of
1,000 points for each of 100 metrics.
"""

import argparse
import math
import random
import sqlite3
import uuid

import mlflow
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

START = 1_760_000_000_000
METRICS = 20
PARAMS = 12


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("file")
    arguments.add_argument("--runs", type=int, default=5_000)
    arguments.add_argument("--series", type=int, default=0)
    arguments.add_argument("--points", type=int, default=10_000)
    arguments.add_argument("--wide", type=int, default=0)
    arguments = arguments.parse_args()

    mlflow.set_tracking_uri(f"sqlite:///{arguments.file}")
    store = SqlAlchemyStore(f"sqlite:///{arguments.file}", "./artifacts")
    experiments = [int(store.create_experiment(f"experiment {n}")) for n in range(5)]
    store.engine.dispose()

    chance = random.Random(7)
    db = sqlite3.connect(arguments.file)
    for n in range(arguments.runs):
        run = uuid.UUID(int=chance.getrandbits(128)).hex
        experiment = experiments[n % len(experiments)]
        start = START + n * 60_000
        db.execute(
            "INSERT INTO runs (run_uuid, name, source_type, status, start_time, end_time, lifecycle_stage, artifact_uri,"
            " experiment_id, user_id) VALUES (?, ?, 'LOCAL', ?, ?, ?, 'active', 'mlflow-artifacts:/', ?, 'ada')",
            (run, f"run-{n:05}", "FAILED" if n % 13 == 0 else "FINISHED", start, start + chance.randrange(1_000, 900_000), experiment),
        )
        db.executemany(
            "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)",
            [(f"param_{p:02}", str(chance.choice([0.1, 0.01, 0.001, "adam", "sgd", p])), run) for p in range(PARAMS)],
        )
        db.executemany("INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)", [("mlflow.runName", f"run-{n:05}", run), ("team", f"team {n % 7}", run)])
        latest = [(f"metric_{m:02}", chance.random(), start, 0, run) for m in range(METRICS)]
        db.executemany("INSERT INTO metrics (key, value, timestamp, step, run_uuid, is_nan) VALUES (?, ?, ?, ?, ?, 0)", latest)
        if n < arguments.series:
            latest.append(history(db, chance, run, "loss", start, arguments.points))
        if n < arguments.wide:
            latest.extend(history(db, chance, run, f"wide_{m:03}", start, 1_000) for m in range(100))
        db.executemany(
            "INSERT INTO latest_metrics (key, value, timestamp, step, run_uuid, is_nan) VALUES (?, ?, ?, ?, ?, 0)", latest
        )
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.execute("VACUUM")
    db.close()


def history(db, chance, run, key, start, points):
    values = [
        (key, math.exp(-step / points) + chance.gauss(0, 0.02), start + step * 100, step, run) for step in range(points)
    ]
    db.executemany("INSERT INTO metrics (key, value, timestamp, step, run_uuid, is_nan) VALUES (?, ?, ?, ?, ?, 0)", values)
    return values[-1]


if __name__ == "__main__":
    main()
