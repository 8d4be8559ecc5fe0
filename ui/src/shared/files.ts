import { open, save } from "@tauri-apps/plugin-dialog";

const catalogFilter = [{ name: "Catena catalog", extensions: ["catena"] }];

export const pickCatalog = (): Promise<string | null> =>
  open({ title: "Open catalog", multiple: false, directory: false, filters: catalogFilter });

export const pickNewCatalog = (defaultPath = "my.catena"): Promise<string | null> =>
  save({ title: "New catalog", defaultPath, filters: catalogFilter });

export const pickBackup = (defaultPath: string): Promise<string | null> =>
  save({ title: "Save backup", defaultPath, filters: catalogFilter });

export const pickFile = (title: string, extensions: string[]): Promise<string | null> =>
  open({
    title,
    multiple: false,
    directory: false,
    filters: [
      { name: "Supported files", extensions },
      { name: "All files", extensions: ["*"] },
    ],
  });

export const pickFolder = (title: string): Promise<string | null> => open({ title, multiple: false, directory: true });
