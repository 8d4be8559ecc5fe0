"""Records what the real OpenLineage Python client sends for a small bakery's pipelines.

Run ids and times are given, so that recording again changes only what the client changed.

usage: record_openlineage.py FIXTURES
"""

import pathlib
import sys

import attr
from openlineage.client import OpenLineageClient
from openlineage.client import event_v2 as ol
from openlineage.client import facet_v2 as facet
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport

from catcher import Catcher
from scrub import Scrub, write_ndjson

WAREHOUSE = "postgres://warehouse.example.org:5432"
LAKE = "s3://bakery-lake"
STREAM = "kafka://events.example.org:9092"
JOBS = "bakery"
PRODUCER = "https://example.org/bakery/pipelines/v3"

NIGHTLY = "0198f000-0000-7000-8000-000000000001"
SALES = "0198f000-0000-7000-8000-000000000002"
STOCK = "0198f000-0000-7000-8000-000000000003"
FORECAST = "0198f000-0000-7000-8000-000000000004"
CLEANUP = "0198f000-0000-7000-8000-000000000005"
CLICKS = "0198f000-0000-7000-8000-000000000006"


@attr.define
class OvenFacet(facet.RunFacet):
    """A facet of the bakery's own, which no consumer knows."""

    oven: str
    celsius: float
    program: dict[str, object]

    @staticmethod
    def _get_schema() -> str:
        return "https://example.org/bakery/schemas/OvenRunFacet.json#/$defs/OvenRunFacet"


@attr.define
class RetentionFacet(facet.DatasetFacet):
    """Another one, on datasets."""

    days: int
    reason: str

    @staticmethod
    def _get_schema() -> str:
        return "https://example.org/bakery/schemas/RetentionDatasetFacet.json#/$defs/RetentionDatasetFacet"


def field(name, kind, description=None, fields=()):
    return facet.schema_dataset.SchemaDatasetFacetFields(name=name, type=kind, description=description, fields=list(fields))


def schema(*fields):
    return facet.schema_dataset.SchemaDatasetFacet(fields=list(fields))


def column(namespace, name, field_name, *transformations):
    lineage = facet.column_lineage_dataset
    steps = [lineage.Transformation(type=kind, subtype=subtype, description=text, masking=masking) for kind, subtype, text, masking in transformations]
    return lineage.InputField(namespace=namespace, name=name, field=field_name, transformations=steps)


def columns(**fields):
    lineage = facet.column_lineage_dataset
    return lineage.ColumnLineageDatasetFacet(fields={name: lineage.Fields(inputFields=inputs) for name, inputs in fields.items()})


IDENTITY = ("DIRECT", "IDENTITY", "", False)


def warehouse_source():
    return facet.datasource_dataset.DatasourceDatasetFacet(name="warehouse", uri=f"{WAREHOUSE}/bakery")


def raw_sales():
    quality = facet.data_quality_metrics_input_dataset
    checks = facet.data_quality_assertions_dataset
    return ol.InputDataset(
        namespace=WAREHOUSE,
        name="bakery.raw.sales",
        facets={
            "dataSource": warehouse_source(),
            "schema": schema(
                field("sale_id", "bigint", "Number of the sale"),
                field("sold_at", "timestamp with time zone"),
                field("shop", "text", "Which shop sold it"),
                field("cents", "integer", "Price paid, in cents"),
                field("customer_email", "text", "Who bought it, if known"),
                field(
                    "receipt",
                    "struct",
                    "The receipt as printed",
                    [
                        field("number", "text"),
                        field("lines", "array", "One entry per product", [field("product", "text"), field("quantity", "integer")]),
                    ],
                ),
            ),
            "documentation": facet.documentation_dataset.DocumentationDatasetFacet(
                description="Sales as the tills send them.\n\nOne row per **receipt**.", contentType="text/markdown"
            ),
            "ownership": facet.ownership_dataset.OwnershipDatasetFacet(
                owners=[
                    facet.ownership_dataset.Owner(name="team:tills", type="MAINTAINER"),
                    facet.ownership_dataset.Owner(name="user:ines", type="STEWARD"),
                ]
            ),
            "tags": facet.tags_dataset.TagsDatasetFacet(
                tags=[
                    facet.tags_dataset.TagsDatasetFacetFields(key="tier", value="gold", source="CATALOG"),
                    facet.tags_dataset.TagsDatasetFacetFields(key="pii", value="true", source="SCANNER", field="customer_email"),
                ]
            ),
            "symlinks": facet.symlinks_dataset.SymlinksDatasetFacet(
                identifiers=[
                    facet.symlinks_dataset.Identifier(namespace="hive://metastore.example.org:9083", name="raw.sales", type="TABLE"),
                    facet.symlinks_dataset.Identifier(namespace=LAKE, name="/warehouse/raw/sales", type="LOCATION"),
                ]
            ),
            "version": facet.dataset_version_dataset.DatasetVersionDatasetFacet(datasetVersion="4711"),
            "datasetType": facet.dataset_type_dataset.DatasetTypeDatasetFacet(datasetType="TABLE"),
            "hierarchy": facet.hierarchy_dataset.HierarchyDatasetFacet(
                hierarchy=[
                    facet.hierarchy_dataset.HierarchyDatasetFacetLevel(type="DATABASE", name="bakery"),
                    facet.hierarchy_dataset.HierarchyDatasetFacetLevel(type="SCHEMA", name="raw"),
                    facet.hierarchy_dataset.HierarchyDatasetFacetLevel(type="TABLE", name="sales"),
                ]
            ),
            "bakery_retention": RetentionFacet(days=730, reason="tax law"),
        },
        inputFacets={
            "dataQualityMetrics": quality.DataQualityMetricsInputDatasetFacet(
                rowCount=18250,
                bytes=1843200,
                columnMetrics={
                    "cents": quality.ColumnMetrics(
                        nullCount=0, distinctCount=412, count=18250.0, sum=9123450.0, min=90.0, max=8400.0, quantiles={"0.5": 420.0, "0.95": 1980.0}
                    ),
                    "customer_email": quality.ColumnMetrics(nullCount=11320, distinctCount=2201),
                },
            ),
            "dataQualityAssertions": checks.DataQualityAssertionsDatasetFacet(
                assertions=[
                    checks.Assertion(assertion="not_null", success=True, column="sale_id", severity="error"),
                    checks.Assertion(assertion="unique", success=True, column="sale_id", severity="error"),
                    checks.Assertion(assertion="freshness", success=False, severity="warn", name="sales_are_fresh", expected="6 h", actual="9 h"),
                ]
            ),
            "inputStatistics": facet.input_statistics_input_dataset.InputStatisticsInputDatasetFacet(rowCount=18250, size=1843200, fileCount=3),
        },
    )


def products():
    return ol.InputDataset(
        namespace=WAREHOUSE,
        name="bakery.raw.products",
        facets={"dataSource": warehouse_source(), "schema": schema(field("product", "text", "Name on the shelf"), field("category", "text"))},
    )


def daily_sales(state=facet.lifecycle_state_change_dataset.LifecycleStateChange.OVERWRITE):
    sales = (WAREHOUSE, "bakery.raw.sales")
    return ol.OutputDataset(
        namespace=WAREHOUSE,
        name="bakery.marts.daily_sales",
        facets={
            "dataSource": warehouse_source(),
            "schema": schema(
                field("day", "date", "Day of the sales, shop time"),
                field("shop", "text"),
                field("category", "text"),
                field("euros", "numeric(12,2)", "What was sold, in euros"),
                field("customers", "bigint", "Known customers, counted once"),
            ),
            "columnLineage": columns(
                day=[column(*sales, "sold_at", ("DIRECT", "TRANSFORMATION", "date_trunc('day', sold_at)", False))],
                shop=[column(*sales, "shop", IDENTITY)],
                category=[
                    column(WAREHOUSE, "bakery.raw.products", "category", IDENTITY),
                    column(WAREHOUSE, "bakery.raw.products", "product", ("INDIRECT", "JOIN", "", False)),
                ],
                euros=[column(*sales, "cents", ("DIRECT", "AGGREGATION", "sum(cents) / 100", False))],
                customers=[column(*sales, "customer_email", ("DIRECT", "AGGREGATION", "count(distinct)", True))],
            ),
            "lifecycleStateChange": facet.lifecycle_state_change_dataset.LifecycleStateChangeDatasetFacet(lifecycleStateChange=state),
            "storage": facet.storage_dataset.StorageDatasetFacet(storageLayer="postgres", fileFormat="heap"),
            "documentation": facet.documentation_dataset.DocumentationDatasetFacet(description="Sales per day, shop and category."),
        },
        outputFacets={
            "outputStatistics": facet.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=365, size=40960, fileCount=1)
        },
    )


def forecast_file():
    return ol.OutputDataset(
        namespace=LAKE,
        name="forecast/2026-03-01.parquet",
        facets={
            "schema": schema(field("day", "date"), field("shop", "string"), field("loaves", "double", "How many to bake")),
            "storage": facet.storage_dataset.StorageDatasetFacet(storageLayer="s3", fileFormat="parquet"),
            "version": facet.dataset_version_dataset.DatasetVersionDatasetFacet(datasetVersion="v12"),
            "columnLineage": columns(
                day=[column(WAREHOUSE, "bakery.marts.daily_sales", "day", IDENTITY)],
                shop=[column(WAREHOUSE, "bakery.marts.daily_sales", "shop", IDENTITY)],
                loaves=[column(WAREHOUSE, "bakery.marts.daily_sales", "euros", ("INDIRECT", "CONDITIONAL", "model input", False))],
            ),
        },
    )


def job(name, language=None, code=None, query=None, description=None, kind="TASK"):
    facets = {"jobType": facet.job_type_job.JobTypeJobFacet(processingType="BATCH", integration="BAKERY", jobType=kind)}
    if description:
        facets["documentation"] = facet.documentation_job.DocumentationJobFacet(description=description)
    if query:
        facets["sql"] = facet.sql_job.SQLJobFacet(query=query, dialect="postgres")
    if code:
        facets["sourceCode"] = facet.source_code_job.SourceCodeJobFacet(language=language, sourceCode=code)
        facets["sourceCodeLocation"] = facet.source_code_location_job.SourceCodeLocationJobFacet(
            type="git",
            url=f"https://git.example.org/bakery/pipelines/blob/3f2a1bc/{name}.py",
            repoUrl="https://git.example.org/bakery/pipelines.git",
            path=f"{name}.py",
            version="3f2a1bc",
            branch="main",
        )
    facets["ownership"] = facet.ownership_job.OwnershipJobFacet(owners=[facet.ownership_job.Owner(name="team:data", type="MAINTAINER")])
    facets["tags"] = facet.tags_job.TagsJobFacet(tags=[facet.tags_job.TagsJobFacetFields(key="criticality", value="high", source="PIPELINE")])
    return ol.Job(namespace=JOBS, name=name, facets=facets)


def parent(run_id, name):
    kin = facet.parent_run
    return kin.ParentRunFacet(
        run=kin.Run(runId=run_id),
        job=kin.Job(namespace=JOBS, name=name),
        root=kin.Root(run=kin.RootRun(runId=NIGHTLY), job=kin.RootJob(namespace=JOBS, name="nightly")),
    )


def nominal():
    return facet.nominal_time_run.NominalTimeRunFacet(nominalStartTime="2026-03-01T02:00:00Z", nominalEndTime="2026-03-01T03:00:00Z")


def engine():
    return facet.processing_engine_run.ProcessingEngineRunFacet(version="17.2", name="PostgreSQL", openlineageAdapterVersion="1.54.0")


def run_event(kind, time, run_id, of, inputs=(), outputs=(), **facets):
    return ol.RunEvent(
        eventType=kind,
        eventTime=f"2026-03-01T{time}Z",
        run=ol.Run(runId=run_id, facets=facets),
        job=of,
        inputs=list(inputs),
        outputs=list(outputs),
        producer=PRODUCER,
    )


def events():
    nightly = job("nightly", kind="DAG", description="Everything that has to be done before the first loaf.")
    sales = job(
        "nightly.daily_sales",
        query="insert into marts.daily_sales\nselect date_trunc('day', sold_at), shop, category, sum(cents) / 100, count(distinct customer_email)\n"
        "from raw.sales join raw.products using (product)\ngroup by 1, 2, 3",
        description="Adds up the day.",
    )
    stock = job("nightly.stock", language="python", code="def stock(day):\n    raise NotImplementedError(day)\n")
    forecast = job("nightly.forecast", language="python", code="model.predict(daily_sales.tail(28))\n", description="How much to bake.")
    cleanup = job("nightly.cleanup")
    clicks = ol.Job(
        namespace=JOBS,
        name="clicks",
        facets={"jobType": facet.job_type_job.JobTypeJobFacet(processingType="STREAMING", integration="BAKERY", jobType="JOB")},
    )
    start, running, complete = ol.RunState.START, ol.RunState.RUNNING, ol.RunState.COMPLETE
    oven = OvenFacet(oven="no. 2", celsius=231.5, program={"steps": [{"minutes": 12, "steam": True}, {"minutes": 25, "steam": False}]})

    yield run_event(start, "02:00:00.000", NIGHTLY, nightly, nominalTime=nominal())

    yield run_event(start, "02:00:01.120", SALES, sales, [raw_sales(), products()], parent=parent(NIGHTLY, "nightly"), nominalTime=nominal())
    yield run_event(running, "02:00:31.000", SALES, sales, parent=parent(NIGHTLY, "nightly"), processing_engine=engine())
    yield run_event(
        complete,
        "02:01:02.500",
        SALES,
        sales,
        [raw_sales(), products()],
        [daily_sales()],
        parent=parent(NIGHTLY, "nightly"),
        processing_engine=engine(),
        externalQuery=facet.external_query_run.ExternalQueryRunFacet(externalQueryId="pg-88412", source="postgres"),
        tags=facet.tags_run.TagsRunFacet(tags=[facet.tags_run.TagsRunFacetFields(key="attempt", value="1", source="SCHEDULER")]),
        environmentVariables=facet.environment_variables_run.EnvironmentVariablesRunFacet(
            environmentVariables=[facet.environment_variables_run.EnvironmentVariable(name="TZ", value="Europe/Lisbon")]
        ),
    )

    yield run_event(start, "02:01:03.000", STOCK, stock, [raw_sales()], parent=parent(NIGHTLY, "nightly"))
    yield run_event(
        ol.RunState.FAIL,
        "02:01:04.250",
        STOCK,
        stock,
        [raw_sales()],
        parent=parent(NIGHTLY, "nightly"),
        errorMessage=facet.error_message_run.ErrorMessageRunFacet(
            message="NotImplementedError: 2026-03-01",
            programmingLanguage="PYTHON",
            stackTrace='Traceback (most recent call last):\n  File "stock.py", line 2, in stock\nNotImplementedError: 2026-03-01',
        ),
    )

    mart = ol.InputDataset(namespace=WAREHOUSE, name="bakery.marts.daily_sales")
    yield run_event(start, "02:01:05.000", FORECAST, forecast, [mart], parent=parent(NIGHTLY, "nightly"), bakery_oven=oven)
    yield run_event(ol.RunState.OTHER, "02:02:00.000", FORECAST, forecast, parent=parent(NIGHTLY, "nightly"), bakery_oven=oven)
    yield run_event(complete, "02:03:10.900", FORECAST, forecast, [mart], [forecast_file()], parent=parent(NIGHTLY, "nightly"), bakery_oven=oven)

    yield run_event(start, "02:03:11.000", CLEANUP, cleanup, parent=parent(NIGHTLY, "nightly"))
    yield run_event(ol.RunState.ABORT, "02:03:15.000", CLEANUP, cleanup, parent=parent(NIGHTLY, "nightly"))

    yield run_event(complete, "02:03:16.000", NIGHTLY, nightly, nominalTime=nominal())

    topic = ol.InputDataset(
        namespace=STREAM,
        name="shop.clicks",
        facets={"schema": schema(field("user", "string"), field("page", "string"), field("ts", "long"))},
    )
    landing = ol.OutputDataset(namespace=LAKE, name="landing/clicks", facets={"storage": facet.storage_dataset.StorageDatasetFacet(storageLayer="iceberg", fileFormat="parquet")})
    yield run_event(start, "06:00:00.000", CLICKS, clicks, [topic], [landing])
    yield run_event(running, "06:05:00.000", CLICKS, clicks, [topic], [landing])

    yield ol.JobEvent(
        eventTime="2026-03-01T08:00:00.000Z",
        job=job("weekly.report", query="select * from marts.daily_sales", description="Declared by hand; has not run yet."),
        inputs=[mart],
        outputs=[ol.OutputDataset(namespace=LAKE, name="reports/weekly.csv", facets={"schema": schema(field("week", "string"), field("euros", "double"))})],
        producer=PRODUCER,
    )
    yield ol.DatasetEvent(
        eventTime="2026-03-01T09:00:00.000Z",
        dataset=ol.StaticDataset(
            namespace=WAREHOUSE,
            name="bakery.marts.daily_sales",
            facets={
                "documentation": facet.documentation_dataset.DocumentationDatasetFacet(description="Sales per day, shop and category. Ask the data team."),
                "ownership": facet.ownership_dataset.OwnershipDatasetFacet(owners=[facet.ownership_dataset.Owner(name="team:data", type="MAINTAINER")]),
                "tags": facet.tags_dataset.TagsDatasetFacet(tags=[facet.tags_dataset.TagsDatasetFacetFields(key="certified", value="true", source="CATALOG")]),
                "dataQualityMetrics": facet.data_quality_metrics_dataset.DataQualityMetricsDatasetFacet(
                    rowCount=365, columnMetrics={"euros": facet.data_quality_metrics_dataset.ColumnMetrics(nullCount=0, min=0.0, max=4210.5)}
                ),
            },
        ),
        producer=PRODUCER,
    )
    yield ol.DatasetEvent(
        eventTime="2026-03-01T09:30:00.000Z",
        dataset=ol.StaticDataset(
            namespace=LAKE,
            name="forecast/current.parquet",
            facets={
                "lifecycleStateChange": facet.lifecycle_state_change_dataset.LifecycleStateChangeDatasetFacet(
                    lifecycleStateChange=facet.lifecycle_state_change_dataset.LifecycleStateChange.RENAME,
                    previousIdentifier=facet.lifecycle_state_change_dataset.PreviousIdentifier(namespace=LAKE, name="forecast/2026-03-01.parquet"),
                )
            },
        ),
        producer=PRODUCER,
    )


def main(fixtures):
    facet.set_producer(PRODUCER)
    with Catcher() as catcher:
        config = HttpConfig(url=catcher.url, auth=ApiKeyTokenProvider({"apiKey": "recorded"}))
        client = OpenLineageClient(transport=HttpTransport(config))
        for event in events():
            client.emit(event)
        client.close()
        caught = Scrub().value(catcher.bodies)
    kinds = {event.get("eventType") for event in caught}
    assert {"START", "RUNNING", "COMPLETE", "FAIL", "ABORT", None} <= kinds, kinds
    write_ndjson(fixtures / "openlineage" / "client.ndjson", caught)
    print(f"{len(caught)} events of the client")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
