import { Copy } from "lucide-react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import type { Snippet } from "../../api/client";
import { Button } from "../../shared/Button";
import { copyText } from "../../shared/clipboard";
import { useRead } from "../../shared/query";

const hidden = "••••••••";

/** What to paste into each client. The token is hidden on screen and filled in where it is copied. */
export function Snippets({ title, snippets }: { title: string; snippets: Snippet[] }) {
  const token = useRead("receiver_token", undefined).data?.token;
  if (snippets.length === 0) return null;
  return (
    <Tabs className="snippets" keyboardActivation="automatic">
      <TabList className="snippet-tabs" aria-label={`Clients of ${title}`}>
        {snippets.map(({ client }) => (
          <Tab key={client} id={client} className="snippet-tab">
            {client}
          </Tab>
        ))}
      </TabList>
      {snippets.map(({ client, into, text }) => (
        <TabPanel key={client} id={client} className="snippet">
          <div className="snippet-head">
            <span className="quiet">Into {into}</span>
            <Button
              small
              look="quiet"
              icon={Copy}
              isDisabled={token === undefined}
              onPress={() => copyText(text.replaceAll("{token}", token ?? ""), "Copied, with the token")}
            >
              Copy
            </Button>
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable from the keyboard */}
          <pre className="snippet-text selectable" tabIndex={0}>
            {text.replaceAll("{token}", hidden)}
          </pre>
        </TabPanel>
      ))}
    </Tabs>
  );
}
