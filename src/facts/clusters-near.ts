/** A data directory near a place that is none: the one that was probably meant. */
export interface ClusterNear {
  readonly path: string;
  /** PG_VERSION; undefined when it is not there or makes no sense. */
  readonly release: string | undefined;
  /** As pg_controldata words it. */
  readonly state: string | undefined;
  /** The process of the server that runs on it. */
  readonly pid: number | undefined;
}
