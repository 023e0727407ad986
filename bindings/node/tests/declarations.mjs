// What index.d.ts declares: members of its interfaces and classes, words of its unions.

import { readFileSync } from 'node:fs';

export class Declarations {
  constructor(path) {
    this.text = readFileSync(path, 'utf8').replace(/\/\*\*.*?\*\//gs, '');
  }

  /** All that is exported, and what it is. */
  exports() {
    const found = this.text.matchAll(/^export (interface|type|class|function|const) (\w+)/gm);
    return Array.from(found, ([, what, name]) => ({ what, name }));
  }

  /** The data in an interface or class, functions left out, those of its bases included. */
  fields(name) {
    return this.#members(name, /^ {2}(?:readonly )?(\w+)\??:/gm);
  }

  /** The functions of a class. */
  methods(name) {
    return this.#members(name, /^ {2}(\w+)(?:<[^>]*>)?\(/gm).filter((method) => method !== 'constructor');
  }

  #members(name, pattern) {
    const head = `^export (?:interface|class) ${name}(?:<\\w+>)?( extends [\\w, ]+)? \\{\\n(.*?)^\\}`;
    const [, bases = '', body] = this.text.match(new RegExp(head, 'ms')) ?? [];
    if (body === undefined) return [];
    const inherited = bases.replace(' extends ', '').split(', ').filter(Boolean);
    const own = Array.from(body.matchAll(pattern), ([, member]) => member);
    return [...new Set([...inherited.flatMap((base) => this.#members(base, pattern)), ...own])];
  }

  /** The words of a union, those of the unions in it included. */
  words(name) {
    const [, union] = this.text.match(new RegExp(`^export type ${name} =([^;]*);`, 'm'));
    const parts = union.split('|').map((part) => part.trim());
    return parts.filter(Boolean).flatMap((part) => (part.startsWith("'") ? [part.slice(1, -1)] : this.words(part)));
  }
}
