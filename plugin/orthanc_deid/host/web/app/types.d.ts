// What the routes answer, as far as the pages read it; orthanc-config/openapi.json describes all of it.

export type Attributes = Record<string, string | number | boolean | null | undefined | ((event: any) => unknown)>;
export type Child = Node | string | number | boolean | null | undefined | Child[];
export type Column = { title: string; number?: boolean; kind?: string };

/** Answers count by state as well: `Delivered: 5`. */
export type Counts = { [state: string]: any };

export type Status = Counts & {
  State: string;
  Version: string;
  Trouble: string | null;
  DefaultProfile: string;
  Profiles: Record<string, string>;
  Stores: Record<string, { Type: string; Profiles: string[] }>;
  OldestPendingSeconds: number | null;
};

export type Task = {
  Row: number;
  Instance: string;
  Profile: string;
  Store: string;
  State: string;
  Rule: string;
  Reason: string;
  Attempts: number;
  LastUpdate: string;
};

/** `Location` is absent if the settings no longer name the store. */
export type Result = {
  Profile: string;
  Store: string;
  PatientID: string;
  StudyInstanceUID: string;
  Instances: number;
  Location?: { Text: string; Link?: string };
};

export type Study = {
  State: string;
  Instances: number;
  Unknown: number;
  Counts: Record<string, number>;
  Results: Result[];
  Works: Task[];
};

export type Job = Counts & {
  ID: string;
  Path: string;
  State: string;
  Progress: number;
  Resource: string;
  Profile: string;
  Stores: string[];
  CreationTime: string;
  Total: number;
  Reasons: { Reason: string; Count: number }[];
};

export type Report = {
  Rules: Record<string, Record<string, number>>;
  Tags: { State: string; Tag: string; Keyword: string; Count: number }[];
  TagsComplete: boolean;
  Hours: (Counts & { Hour: string })[];
  PartialStudies: (Counts & { ID: string; State: string })[];
};

export type Change = {
  Path: string;
  Name: string;
  VR: string;
  Before: string | null;
  After: string | null;
  Action: string;
  Rule: string;
};

export type PreviewedInstance = {
  Instance: string;
  Deliverable: boolean;
  Rule: string;
  Reason: string;
  Notes: string[];
  Changes: Change[];
};

export type Preview = { Stores: string[]; Instances: PreviewedInstance[] };

/** `Drawing` is markup, there if the request asks for it. */
export type Analysis = { Files: number; Total: number; Attributes: object[]; Drawing: string };

/** What the views share: the last answer of /deidentify, and who wants to see the next one. */
export type Site = { state: Status; listeners: Set<(state: Status) => void> };

/** What a view is opened with: `rest` and `query` are from the address' hash, `signal` is aborted when it is left. */
export type Context = { site: Site; rest: string[]; query: URLSearchParams; signal: AbortSignal };

export type Notice = { element: HTMLElement; failing: boolean; say: (kind: string, ...content: Child[]) => void };
