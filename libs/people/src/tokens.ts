/** The name under which an application wires in its key store. */
export const KEY_STORE = Symbol('KeyStore');
