// In the place of three modules of Socket.IO (vite.config.ts): nothing that a chat says or hears is binary. Files travel
// by HTTP. What reads a binary packet must still be there, since a server that sends one is at fault, not the page.
const refuse = (): never => {
  throw new Error('a binary packet')
}

export const isBinary = (): boolean => false
export const hasBinary = (): boolean => false
export { refuse as decode, refuse as deconstructPacket, refuse as reconstructPacket }
