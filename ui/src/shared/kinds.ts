import {
  BookOpen,
  Bot,
  Box,
  Boxes,
  CircleDot,
  Columns3,
  Database,
  FileText,
  FlaskConical,
  Gauge,
  GitBranch,
  LayoutDashboard,
  type LucideIcon,
  MessageSquareQuote,
  MessageSquareText,
  PackageCheck,
  Play,
  Plug,
  Route,
  ScrollText,
  Server,
  Sigma,
  Table2,
  Tag,
  TextQuote,
  User,
  Users,
  Workflow,
  Wrench,
} from "lucide-react";

export type Family = "data" | "model" | "prompt" | "run" | "output" | "agent" | "vocabulary" | "other";

interface KindLook {
  family: Family;
  icon: LucideIcon;
  label: string;
  plural: string;
}

const look = (family: Family, icon: LucideIcon, label: string, plural = `${label}s`): KindLook => ({
  family,
  icon,
  label,
  plural,
});

const kinds: Record<string, KindLook> = {
  dataset: look("data", Table2, "Dataset"),
  column: look("data", Columns3, "Column"),
  schema: look("data", Database, "Schema"),
  system: look("data", Server, "System"),
  document: look("data", FileText, "Document"),
  chunk: look("data", TextQuote, "Chunk"),
  model: look("model", Boxes, "Model"),
  model_version: look("model", Box, "Model version"),
  logged_model: look("model", PackageCheck, "Logged model"),
  prompt: look("prompt", ScrollText, "Prompt"),
  prompt_version: look("prompt", MessageSquareText, "Prompt version"),
  experiment: look("run", FlaskConical, "Experiment"),
  run: look("run", Play, "Run"),
  trace: look("run", Route, "Trace"),
  job: look("run", Workflow, "Job"),
  pipeline: look("run", GitBranch, "Pipeline"),
  test: look("run", Gauge, "Test"),
  metric: look("data", Sigma, "Metric"),
  output: look("output", MessageSquareQuote, "Answer"),
  dashboard: look("output", LayoutDashboard, "Dashboard"),
  agent: look("agent", Bot, "Agent"),
  tool: look("agent", Wrench, "Tool"),
  service: look("agent", Server, "Service"),
  connection: look("agent", Plug, "Connection"),
  taxonomy: look("vocabulary", BookOpen, "Taxonomy", "Taxonomies"),
  term: look("vocabulary", Tag, "Term"),
  person: look("agent", User, "Person", "People"),
  team: look("agent", Users, "Team"),
};

const plain = (kind: string): string =>
  kind
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, "_");

/** How a kind looks everywhere. A kind that this version doesn't know keeps its own name and a neutral mark. */
export function kindLook(kind: string): KindLook {
  const known = kinds[plain(kind)];
  if (known) return known;
  const words = plain(kind).replace(/_/g, " ");
  return look("other", CircleDot, words.charAt(0).toUpperCase() + words.slice(1));
}

export const kindLabel = (kind: string): string => kindLook(kind).label;
export const knownKinds = Object.keys(kinds);
