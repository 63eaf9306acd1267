// What a dashboard file may say: Grafana's own published types, for the three kinds of panel that we draw.
import type { AnnotationQuery, Dashboard, FieldConfig, Panel, VariableModel } from "@grafana/schema/dist/esm/raw/dashboard/x/dashboard_types.gen.d.ts";
import type { Options as StatOptions } from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen.d.ts";
import type { FieldConfig as TableField, Options as TableOptions } from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen.d.ts";
import type { FieldConfig as GraphField, Options as GraphOptions } from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen.d.ts";
import type { DataQuery } from "@grafana/schema";

/** As JSON spells it: the texts of an enum instead of its names. */
type Plain<T> = T extends string ? `${T}` : T extends (infer One)[] ? Plain<One>[] : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;

/** A query of the Prometheus data source, whose types are not part of the schema's package. */
type Query = DataQuery & { expr: string; legendFormat: string; format?: "table" | "time_series" | "heatmap"; instant?: boolean; range?: boolean };

type Drawn<Kind extends string, Options, Custom> = Plain<Omit<Panel, "type" | "options" | "targets" | "fieldConfig">> & {
  type: Kind;
  options: Plain<Options>;
  targets: Plain<Query>[];
  fieldConfig: { defaults: Plain<Omit<FieldConfig, "custom">> & { custom?: Plain<Custom> }; overrides: [] };
};

/** What the Prometheus data source reads of an annotation beside Grafana itself. */
type Mark = Plain<AnnotationQuery> & { expr: string; step: string; titleFormat: string; textFormat: string };

/** `definition` is what Grafana shows of a variable's query in its list. */
type Variable = Plain<VariableModel> & { definition?: string };

export type File = Plain<Omit<Dashboard, "panels" | "annotations" | "templating">> & {
  uid: string;
  annotations: { list: Mark[] };
  templating: { list: Variable[] };
  panels: (Drawn<"stat", StatOptions, never> | Drawn<"timeseries", GraphOptions, GraphField> | Drawn<"table", TableOptions, Partial<TableField>>)[];
};
