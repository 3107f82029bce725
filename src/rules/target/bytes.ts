/** A size for people: `41 GB`, `16.8 MB`; powers of ten, as disks are sold and as `df -H` shows them. */
export function bytes(count: bigint | number): string {
  let value = Number(count);
  for (const unit of ['bytes', 'kB', 'MB', 'GB', 'TB']) {
    if (value < 1_000)
      return `${unit === 'bytes' || value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${unit}`;
    value /= 1_000;
  }
  return `${Number(value.toPrecision(3))} PB`;
}
