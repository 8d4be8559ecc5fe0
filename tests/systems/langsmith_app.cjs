// The library's help desk in JavaScript, traced with the real LangSmith SDK.
//
// usage: node app.cjs URL [KEY]

const { Client } = require("langsmith");
const { traceable } = require("langsmith/traceable");

const [url, key] = process.argv.slice(2);
const client = new Client({ apiUrl: url, apiKey: key ?? "recorded" });
const question = "When does the library open on Mondays?";
const common = { client, project_name: "library-helpdesk-js", tracingEnabled: true };

const model = traceable(
  async (input) => ({
    id: "chatcmpl-1",
    model: "gpt-4o-mini-2024-07-18",
    choices: [{ index: 0, message: { role: "assistant", content: "At nine." }, finish_reason: "stop" }],
    usage_metadata: { input_tokens: 21, output_tokens: 5, total_tokens: 26 },
    asked: input.messages.length,
  }),
  { ...common, name: "ChatOpenAI", run_type: "llm", metadata: { ls_provider: "openai", ls_model_name: "gpt-4o-mini", ls_model_type: "chat" } },
);
const lookUp = traceable(
  async () => [{ pageContent: "The library opens at nine on Mondays.", page_content: "The library opens at nine on Mondays.", metadata: { source: "s3://library-lake/handbook/opening.md" } }],
  { ...common, name: "lookUp", run_type: "retriever" },
);
const answer = traceable(
  async (asked) => {
    await lookUp(asked);
    const said = await model({ model: "gpt-4o-mini", messages: [{ role: "user", content: asked }] });
    return said.choices[0].message.content;
  },
  { ...common, name: "answer-js", tags: ["helpdesk"] },
);

(async () => {
  await answer(question);
  await client.awaitPendingTraceBatches();
  console.log("traced");
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
