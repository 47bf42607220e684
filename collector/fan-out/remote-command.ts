/** How the collector gets to the other side and is started there. */
export type Program =
  /** The single file, sent over standard input into `node`: it is never on the disk there. */
  | { readonly kind: 'node'; readonly node: string; readonly code: Buffer }
  /** An executable, sent over standard input into a private file that loses its name before it runs. */
  | { readonly kind: 'executable'; readonly code: Buffer; readonly directory: string }
  /** One that is there already. */
  | { readonly kind: 'installed'; readonly path: string };

/** Exit code of the start itself when the program did not arrive whole. */
export const NOT_ARRIVED = 97;
/** Exit code of the start itself when there is no place for the executable. */
export const NO_PLACE = 98;

/**
 * Reads so many bytes from standard input and runs them as the main module; what follows there is left to the program. For any shell and any
 * old Node: no quotes but double ones, no backslash, no newline, no `!`, no `$`.
 */
const loader = [
  'var f=require("node:fs"),l=Number(process.argv[1]),b=Buffer.alloc(l),n=0,r;',
  'while(n<l){try{r=f.readSync(0,b,n,l-n,null)}catch(e){if(e.code==="EAGAIN"){Atomics.wait(new Int32Array(new SharedArrayBuffer(4)),0,0,20);continue}throw e}',
  `if(r===0)process.exit(${NOT_ARRIVED});n+=r}`,
  'process.argv.splice(1,1,"etcd-collect.cjs");',
  'var m=new module.constructor("etcd-collect.cjs");m.filename=process.cwd()+"/etcd-collect.cjs";m.paths=[];m._compile(b.toString(),m.filename)',
].join('');

/**
 * The file has no name any more when it is executed, so nothing remains even if everything there is killed; before that only this shell can
 * have left it behind.
 */
const starter = [
  `umask 077; n=$1; shift; d=$(mktemp -d "$1/etcd-collect.XXXXXX") || exit ${NO_PLACE}; shift`,
  'clean() { rm -rf "$d"; }; trap clean EXIT; trap "exit 130" HUP INT TERM',
  'head -c "$n" > "$d/etcd-collect"',
  `[ "$(wc -c < "$d/etcd-collect")" -eq "$n" ] || exit ${NOT_ARRIVED}`,
  'chmod 500 "$d/etcd-collect" && exec 4< "$d/etcd-collect" && clean',
  'exec /proc/self/fd/4 "$@"',
].join('; ');

/** Command and arguments on the other side, and what is sent to its standard input. */
export const remoteCommand = (
  program: Program,
  args: readonly string[],
): { readonly command: readonly string[]; readonly input: Buffer } => {
  switch (program.kind) {
    case 'node':
      return {
        command: [program.node, '-e', loader, '--', String(program.code.length), ...args],
        input: program.code,
      };
    case 'executable':
      return {
        command: ['sh', '-c', starter, 'sh', String(program.code.length), program.directory, ...args],
        input: program.code,
      };
    case 'installed':
      return { command: [program.path, ...args], input: Buffer.alloc(0) };
  }
};

/** One line for the login shell of the other side, whichever it is. */
export const shellLine = (command: readonly string[]): string =>
  command
    .map((word) => (/^[A-Za-z0-9_./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
