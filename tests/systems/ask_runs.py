"""Measures what an MLflow server takes for a table of runs and for histories; prints a line of JSON.

    .cache/venv/mlflow/bin/python tests/systems/ask_runs.py http://127.0.0.1:5001
"""

import json
import statistics
import sys
import time
import urllib.parse
import urllib.request


def call(address, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{address}{path}", data=data, headers={"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=600))


def search(address, experiments, filter_string, order_by):
    runs, token = [], None
    while True:
        body = {"experiment_ids": experiments, "filter": filter_string, "order_by": order_by, "max_results": 5_000}
        if token:
            body["page_token"] = token
        answer = call(address, "/api/2.0/mlflow/runs/search", body)
        runs += answer.get("runs", [])
        token = answer.get("next_page_token")
        if not token:
            return runs


def history(address, run):
    points, token = 0, None
    while True:
        query = {"run_id": run, "metric_key": "loss", "max_results": 25_000, **({"page_token": token} if token else {})}
        answer = call(address, "/api/2.0/mlflow/metrics/get-history?" + urllib.parse.urlencode(query))
        points += len(answer.get("metrics", []))
        token = answer.get("next_page_token")
        if not token:
            return points


def main():
    address = sys.argv[1]
    found = call(address, "/api/2.0/mlflow/experiments/search", {"max_results": 100})["experiments"]
    experiments = [experiment["experiment_id"] for experiment in found]
    rounds, runs = [], []
    for _ in range(5):
        began = time.perf_counter()
        runs = search(address, experiments, "metrics.metric_03 < 0.5 AND params.param_02 = '0.01'", ["metrics.metric_07 DESC"])
        rounds.append((time.perf_counter() - began) * 1_000)
    with_history = search(address, experiments, "metrics.loss > -100", [])[:100]
    began = time.perf_counter()
    points = sum(history(address, run["info"]["run_id"]) for run in with_history)
    series = (time.perf_counter() - began) * 1_000
    print(json.dumps({"matching": len(runs), "table_ms": statistics.median(rounds), "series_ms": series, "points": points}))


if __name__ == "__main__":
    main()
