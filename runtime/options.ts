/** Command-line options with the environment behind them: `readOptions({ port: withDefault(port('...'), 5001) }, ...)`. */
export { type Help, helpText, wantsHelp } from './options/help.ts';
export { bounded, choice, duration, flag, number, parsed, path, port, text, url } from './options/kinds.ts';
export { environmentName, type Options, type Values } from './options/option.ts';
export { letter, optional, repeated, withDefault } from './options/presence.ts';
export { OptionError, readOptions } from './options/read.ts';
