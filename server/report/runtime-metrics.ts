import { collectDefaultMetrics, type Registry } from 'prom-client'

/**
 * Of the runtime's own metrics, those that an operator of this program needs. The heap's total and the user's CPU time are
 * among them because prom-client sets the heap in use and the whole CPU time only while it collects those two.
 */
export const runtimeMetrics: readonly string[] = [
  'nodejs_eventloop_lag_seconds',
  'nodejs_eventloop_lag_max_seconds',
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_gc_duration_seconds',
  'nodejs_heap_size_total_bytes',
  'nodejs_heap_size_used_bytes',
  'process_cpu_seconds_total',
  'process_cpu_user_seconds_total',
  'process_open_fds',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
]

export function registerRuntime(registry: Registry): void {
  collectDefaultMetrics({ register: registry })
  for (const { name } of registry.getMetricsAsArray()) {
    if (!runtimeMetrics.includes(name)) registry.removeSingleMetric(name)
  }
}
