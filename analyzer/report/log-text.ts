import type { Report } from '../../schemas/index.js';
import type { Names } from './names.js';

/** Lines of the report's log samples as one text: the latest ones that fit into `bytes`, oldest first, under the name of each member. */
export const logText = (report: Report, names: Names, bytes: number): string => {
  const blocks: string[] = [];
  const members = [...new Set(report.logs.map(({ member }) => member))];
  const share = Math.floor(bytes / Math.max(1, members.length));
  for (const member of members) {
    const title = `# ${names.of(member).label}`;
    let left = share - Buffer.byteLength(title);
    const kept: string[] = [];
    for (const { text, count } of report.logs.filter((line) => line.member === member).reverse()) {
      const line = `${text}${count > 1 ? `   # ${count} of this kind` : ''}`;
      left -= Buffer.byteLength(line) + 1;
      if (left < 0) break;
      kept.unshift(line);
    }
    if (kept.length > 0) blocks.push([title, ...kept].join('\n'));
  }
  return blocks.join('\n\n');
};
