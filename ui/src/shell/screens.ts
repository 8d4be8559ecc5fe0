import { Cable, FlaskConical, GitCommitHorizontal, type LucideIcon, Search, Share2 } from "lucide-react";

export interface Screen {
  route: string;
  label: string;
  icon: LucideIcon;
  keys: string;
}

/** The screens of the rail, in their order. */
export const screens: Screen[] = [
  { route: "/search", label: "Search", icon: Search, keys: "mod+1" },
  { route: "/lineage", label: "Lineage", icon: Share2, keys: "mod+2" },
  { route: "/runs", label: "Runs", icon: FlaskConical, keys: "mod+5" },
  { route: "/changes", label: "Changes", icon: GitCommitHorizontal, keys: "mod+3" },
  { route: "/connections", label: "Connections", icon: Cable, keys: "mod+4" },
];
