"""Tells MLflow that a dataset is a table of a DuckDB database.

MLflow has no dataset source for databases outside Spark; this one, made the way MLflow documents, stores the
OpenLineage name of the table (`uri` is its namespace, `table` its name), so that a run's dataset and the table that dbt
built can be seen to be the same thing.
"""

import duckdb
from mlflow.data.dataset_source import DatasetSource
from mlflow.data.dataset_source_registry import register_dataset_source


class DuckDbTable(DatasetSource):
    def __init__(self, uri, table):
        self.uri = uri
        self.table = table

    @staticmethod
    def _get_source_type():
        return "duckdb"

    def load(self, **_):
        with duckdb.connect(self.uri.removeprefix("duckdb://"), read_only=True) as connection:
            return connection.execute(f"from {self.table}").df()

    @staticmethod
    def _can_resolve(raw_source):
        return False

    @classmethod
    def _resolve(cls, raw_source):
        raise NotImplementedError(raw_source)

    def to_dict(self):
        return {"uri": self.uri, "table": self.table}

    @classmethod
    def from_dict(cls, source_dict):
        return cls(source_dict["uri"], source_dict["table"])


register_dataset_source(DuckDbTable)
