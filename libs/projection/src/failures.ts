/** Whether what was to be read is not there any more: another generation serves. */
export function isTableGone(_error: unknown): boolean {
  return false;
}
/** The store failed, and not what it was asked for. */
export function isStoreError(_error: unknown): boolean {
  return false;
}
