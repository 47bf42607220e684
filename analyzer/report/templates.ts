import Handlebars from 'handlebars';
import { listPackageFiles, readPackageFile } from '../../schemas/index.js';

const read = (file: string): string => readPackageFile(`templates/${file}`);

/** The style sheet that the HTML page carries inside itself. */
export const styleSheet = (): string => read('report.css');

/**
 * Compiles `templates/<file>` in an environment of its own, with the partials that end in `partialSuffix`.
 * Without `escapes` Handlebars escapes for HTML. With them it escapes nothing by itself, since HTML escaping is wrong for
 * Markdown, and the template names an escape for each value. A field that the view lacks throws instead of printing nothing.
 */
export const compileTemplate = (
  file: string,
  partialSuffix: '.hbs' | '.md.hbs',
  escapes: Readonly<Record<string, (text: string) => string>> | null,
): ((view: object) => string) => {
  const environment = Handlebars.create();
  for (const name of listPackageFiles('templates/partials')) {
    if (!name.endsWith(partialSuffix) || (partialSuffix === '.hbs' && name.endsWith('.md.hbs'))) continue;
    environment.registerPartial(name.slice(0, -partialSuffix.length), read(`partials/${name}`));
  }
  for (const [name, apply] of Object.entries(escapes ?? {})) {
    environment.registerHelper(name, (value: unknown) => apply(String(value ?? '')));
  }
  const render = environment.compile<object>(read(file), { strict: true, noEscape: escapes !== null });
  return (view) => render(view);
};
