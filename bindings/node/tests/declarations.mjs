// Reads the declarations of a package: members of interfaces and classes, and the names in unions.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export class Declarations {
  /** All `.d.ts` files of the package in this folder. */
  constructor(folder) {
    // Those of `libatmn/middleware` and `libatmn/testing` are not exports of the package itself.
    const own = (name) => !['middleware.d.ts', 'testing.d.ts'].includes(name);
    const types = readdirSync(join(folder, 'types'))
      .filter(own)
      .map((name) => join('types', name));
    const files = ['index.d.ts', 'enumerations.d.ts', ...types];
    const texts = files.map((name) => readFileSync(join(folder, name), 'utf8'));
    this.text = texts.join('\n').replace(/\/\*\*.*?\*\//gs, '');
  }

  /** The exported names, and the kind of each. */
  exports() {
    const found = this.text.matchAll(/^export (interface|type|class|function|const) (\w+)/gm);
    return Array.from(found, ([, what, name]) => ({ what, name }));
  }

  /** The fields of an interface or class, without methods and with those of its bases. */
  fields(name) {
    return this.#members(name, /^ {2}(?:readonly )?(\w+)\??:/gm);
  }

  /** The methods of a class. */
  methods(name) {
    return this.#members(name, /^ {2}(\w+)(?:<[^>]*>)?\(/gm).filter((method) => method !== 'constructor');
  }

  #members(name, pattern) {
    const head = `^export (?:interface|class) ${name}(?:<[^>]+>)?( extends [\\w, ]+)? \\{\\n(.*?)^\\}`;
    const [, bases = '', body] = this.text.match(new RegExp(head, 'ms')) ?? [];
    if (body === undefined) return [];
    const inherited = bases.replace(' extends ', '').split(', ').filter(Boolean);
    const own = Array.from(body.matchAll(pattern), ([, member]) => member);
    return [...new Set([...inherited.flatMap((base) => this.#members(base, pattern)), ...own])];
  }

  /** The names of a union, with those of the unions in it. */
  names(name) {
    const [, union] = this.text.match(new RegExp(`^export type ${name} =([^;]*);`, 'm'));
    const parts = union.split('|').map((part) => part.trim());
    return parts.filter(Boolean).flatMap((part) => (part.startsWith("'") ? [part.slice(1, -1)] : this.names(part)));
  }
}
