/** The PostgreSQL schema of one of Wayledger's stores, in one namespace of a database. */
export function schemaName(store: 'log' | 'views' | 'keys', namespace: string): string {
  return namespace === '' ? `wayledger_${store}` : `wayledger_${store}_${namespace}`;
}
