/** A size as people say it: `41 GB`, `7.5 MB`, with the units of pg_size_pretty() (1 kB is 1024 bytes). */
export function sizeText(bytes: bigint): string {
  let size = Number(bytes);
  for (const unit of ['bytes', 'kB', 'MB', 'GB']) {
    if (size < 1024) return `${rounded(size)} ${unit}`;
    size /= 1024;
  }
  return `${rounded(size)} TB`;
}

const rounded = (size: number): string =>
  size >= 10 || Number.isInteger(size) ? String(Math.round(size)) : size.toFixed(1);
