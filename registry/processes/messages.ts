import type { LogLevel } from '../../runtime/log.ts';
import type { ServeConfiguration } from '../start.ts';

/** What the process that was started says to those that serve. */
export type ToWorker =
  | { readonly kind: 'Start'; readonly configuration: ServeConfiguration; readonly logLevel: LogLevel }
  | { readonly kind: 'Stop' }
  /** Asks for the worker's own metrics. */
  | { readonly kind: 'Collect'; readonly id: number }
  /** The metrics of all workers, for the one that asked. */
  | { readonly kind: 'Metrics'; readonly id: number; readonly text: string };

export type FromWorker =
  | { readonly kind: 'Listening'; readonly port: number }
  /** It could not start; `message` is for a person. */
  | { readonly kind: 'Failed'; readonly message: string }
  /** `metrics` as `Registry.getMetricsAsJSON` gives them. */
  | { readonly kind: 'Collected'; readonly id: number; readonly metrics: readonly object[] }
  /** Somebody asked this worker for the metrics of all. */
  | { readonly kind: 'WantsMetrics'; readonly id: number };
