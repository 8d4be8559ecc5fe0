// Uses Catena as a LangSmith through the real npm SDK; prints one line of JSON: what was seen.
//
// usage: node langsmith_interop.cjs URL KEY     (after langsmith_app.cjs has traced)

const { Client } = require("langsmith");

const [url, key] = process.argv.slice(2);
const client = new Client({ apiUrl: url, apiKey: key });

async function all(items) {
  const found = [];
  for await (const item of items) found.push(item);
  return found;
}

(async () => {
  const seen = {};
  const project = "library-helpdesk-js";
  const runs = await all(client.listRuns({ projectName: project }));
  seen.runs = runs.map((run) => run.name).sort();
  const root = runs.find((run) => run.name === "answer-js");
  seen.outputs = (await client.readRun(root.id)).outputs;
  seen.filtered = (await all(client.listRuns({ projectName: project, filter: 'eq(run_type, "llm")' }))).map((run) => run.name);

  const given = await client.createFeedback(root.id, "correctness", { score: 0.75, comment: "fine" });
  await client.updateFeedback(given.id, { score: 0.5 });
  const feedback = await client.readFeedback(given.id);
  seen.feedback = [feedback.key, feedback.score, feedback.comment];
  seen.listed = (await all(client.listFeedback({ runIds: [root.id] }))).length;

  const dataset = await client.createDataset("opening hours", { description: "Questions" });
  await client.createExamples([
    { dataset_id: dataset.id, inputs: { question: "When?" }, outputs: { answer: "At nine." }, split: "test" },
    { dataset_id: dataset.id, inputs: { question: "Where?" }, outputs: { answer: "Here." } },
  ]);
  seen.examples = (await all(client.listExamples({ datasetName: "opening hours" }))).map((example) => example.inputs.question).sort();
  seen.ofSplit = (await all(client.listExamples({ datasetId: dataset.id, splits: ["base"] }))).map((example) => example.inputs.question);
  seen.hasDataset = [await client.hasDataset({ datasetName: "opening hours" }), await client.hasDataset({ datasetName: "none" })];

  const manifest = (text) => ({ lc: 1, type: "constructor", id: ["langchain_core", "prompts", "prompt", "PromptTemplate"], kwargs: { template: text, input_variables: ["q"] } });
  await client.pushPrompt("js-answer", { object: manifest("Answer {q}"), description: "From JavaScript", tags: ["js"] });
  await client.pushPrompt("js-answer", { object: manifest("Answer kindly {q}") });
  const pulled = await client.pullPromptCommit("js-answer");
  seen.prompt = pulled.manifest.kwargs.template;
  seen.commits = (await all(client.listCommits("js-answer"))).length;
  seen.prompts = (await all(client.listPrompts())).map((prompt) => [prompt.repo_handle, prompt.num_commits]);
  seen.exists = [await client.promptExists("js-answer"), await client.promptExists("none")];
  console.log(JSON.stringify(seen));
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
