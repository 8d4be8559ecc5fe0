"""What the sample's own programs say to OpenLineage: which job ran, what it read and what it wrote."""

import contextlib
import datetime
import pathlib
import traceback

from openlineage.client import OpenLineageClient
from openlineage.client import event_v2 as ol
from openlineage.client import facet_v2 as facet
from openlineage.client.uuid import generate_new_uuid

WAREHOUSE = "duckdb://flights.duckdb"
CATALOG = "flights"
JOBS = "flights-jobs"
REPOSITORY = "https://git.example.org/flights/pipelines"


def dataset(namespace, name, **facets):
    return ol.InputDataset(namespace=namespace, name=name, facets=facets)


def model_version(name, version):
    """A version of a registered model. The registry is whichever one the reader knows: jobs don't name its address."""
    kind = facet.dataset_type_dataset.DatasetTypeDatasetFacet(datasetType="MODEL", subType="mlflow")
    return ol.InputDataset(namespace="mlflow://*", name=f"models/{name}/{version}", facets={"datasetType": kind})


def row_count(rows):
    return {"outputStatistics": facet.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=rows)}


def table(connection, name, description=None, output_facets=None):
    """A table of the warehouse as an output, with the schema that the database tells."""
    schema, short = name.split(".")
    rows = connection.execute(
        "select column_name, data_type from information_schema.columns where table_schema = ? and table_name = ? order by ordinal_position",
        [schema, short],
    ).fetchall()
    fields = [facet.schema_dataset.SchemaDatasetFacetFields(name=column, type=kind) for column, kind in rows]
    facets = {
        "schema": facet.schema_dataset.SchemaDatasetFacet(fields=fields),
        "dataSource": facet.datasource_dataset.DatasourceDatasetFacet(name=CATALOG, uri=WAREHOUSE),
        "storage": facet.storage_dataset.StorageDatasetFacet(storageLayer="duckdb", fileFormat="duckdb"),
    }
    if description:
        facets["documentation"] = facet.documentation_dataset.DocumentationDatasetFacet(description=description)
    return ol.OutputDataset(namespace=WAREHOUSE, name=f"{CATALOG}.{name}", facets=facets, outputFacets=output_facets or {})


def warehouse_input(name):
    return dataset(WAREHOUSE, f"{CATALOG}.{name}")


class Step:
    """What one run read and wrote; filled in while it runs."""

    def __init__(self, inputs):
        self.inputs = list(inputs)
        self.outputs = []
        self.facets = {}


class Reporter:
    """One program: a run of its own, and a child run per step. Where to send comes from OPENLINEAGE_URL."""

    def __init__(self, job, description, file):
        self._client = OpenLineageClient()
        self._file = pathlib.Path(file)
        self._name = job
        self._run = str(generate_new_uuid())
        self._job = self._describe(job, description, "PIPELINE")

    def __enter__(self):
        self._emit(ol.RunState.START, self._run, self._job, Step([]))
        return self

    def __exit__(self, kind, error, _):
        self._emit(ol.RunState.FAIL if error else ol.RunState.COMPLETE, self._run, self._job, Step([]))
        self._client.close()

    @contextlib.contextmanager
    def step(self, name, inputs=(), description=None):
        """A child run; an exception inside makes it fail with the message."""
        run, job, step = str(generate_new_uuid()), self._describe(f"{self._name}.{name}", description, "TASK"), Step(inputs)
        kin = facet.parent_run
        step.facets["parent"] = kin.ParentRunFacet(run=kin.Run(runId=self._run), job=kin.Job(namespace=JOBS, name=self._name))
        self._emit(ol.RunState.START, run, job, step)
        try:
            yield step
        except Exception as error:
            step.facets["errorMessage"] = facet.error_message_run.ErrorMessageRunFacet(
                message=f"{type(error).__name__}: {error}", programmingLanguage="PYTHON", stackTrace=traceback.format_exc()
            )
            self._emit(ol.RunState.FAIL, run, job, step)
            raise
        self._emit(ol.RunState.COMPLETE, run, job, step)

    def _describe(self, name, description, kind):
        facets = {
            "jobType": facet.job_type_job.JobTypeJobFacet(processingType="BATCH", integration="PYTHON", jobType=kind),
            "ownership": facet.ownership_job.OwnershipJobFacet(owners=[facet.ownership_job.Owner(name="team:forecasting", type="MAINTAINER")]),
            "sourceCode": facet.source_code_job.SourceCodeJobFacet(language="python", sourceCode=self._file.read_text()),
            "sourceCodeLocation": facet.source_code_location_job.SourceCodeLocationJobFacet(
                type="git", url=f"{REPOSITORY}/blob/main/{self._file.name}", repoUrl=f"{REPOSITORY}.git", path=self._file.name, branch="main"
            ),
        }
        if kind == "TASK":
            # The code is the program's; its steps would only repeat it.
            del facets["sourceCode"]
        if description:
            facets["documentation"] = facet.documentation_job.DocumentationJobFacet(description=description)
        return ol.Job(namespace=JOBS, name=name, facets=facets)

    def _emit(self, state, run, job, step):
        self._client.emit(
            ol.RunEvent(
                eventType=state,
                eventTime=datetime.datetime.now(datetime.timezone.utc).isoformat(),
                run=ol.Run(runId=run, facets=dict(step.facets)),
                job=job,
                inputs=step.inputs,
                outputs=step.outputs,
                producer=REPOSITORY,
            )
        )
