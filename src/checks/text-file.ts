import { answer } from '../hosts/host.ts';
import type { Answer, Host } from '../hosts/host.ts';
import { fileText } from '../postgres/file-text.ts';

/** The text of a small file; of a longer one (default 1 MiB) its beginning. */
export async function textFile(host: Host, path: string, maxBytes = 1024 * 1024): Promise<Answer<string>> {
  const content = await host.read(path, { maxBytes });
  return content.ok ? answer(fileText(content.value.bytes)) : content;
}
