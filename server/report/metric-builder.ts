import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

interface Row<Label extends string> {
  readonly name: string
  readonly help: string
  readonly labels: readonly Label[]
}

/** Makes metrics of the table in a registry. The value of a `…Of` is asked for at each scrape. */
export function builderInto(registry: Registry) {
  const common = <Label extends string>({ name, help, labels }: Row<Label>) => ({
    name,
    help,
    labelNames: labels,
    registers: [registry],
  })
  return {
    counter: <Label extends string>(row: Row<Label>) => new Counter<Label>(common(row)),
    counterOf: <Label extends string>(
      row: Row<Label>,
      value: () => number,
      labels: Partial<Record<Label, string>>,
    ) =>
      new Counter<Label>({
        ...common(row),
        collect() {
          this.reset()
          this.inc(labels, value())
        },
      }),
    gauge: <Label extends string>(row: Row<Label>) => new Gauge<Label>(common(row)),
    gaugeOf: <Label extends string>(
      row: Row<Label>,
      value: () => number,
      labels: Partial<Record<Label, string>>,
    ) =>
      new Gauge<Label>({
        ...common(row),
        collect() {
          this.set(labels, value())
        },
      }),
    /** 1 for the labels that are so now. */
    infoOf: <Label extends string>(row: Row<Label>, labels: () => Partial<Record<Label, string>>) =>
      new Gauge<Label>({
        ...common(row),
        collect() {
          this.reset()
          this.set(labels(), 1)
        },
      }),
    histogram: <Label extends string>(row: Row<Label> & { readonly buckets: readonly number[] }) =>
      new Histogram<Label>({ ...common(row), buckets: [...row.buckets] }),
  }
}

/** What a part of the metrics is made with. */
export type Builder = ReturnType<typeof builderInto> & {
  /** Which components this process runs. */
  readonly runs: { readonly webhook: boolean; readonly controller: boolean }
  /** Labels of what concerns the whole process. */
  readonly whole: { readonly component: 'webhook' | 'controller' | 'both' }
}
