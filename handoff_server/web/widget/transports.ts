// Engine.IO's list of transports, for the widget alone (vite.config.ts puts it in the library's place): a WebSocket, else
// polling by `fetch`. The library's own list would bring WebTransport and XMLHttpRequest along, 1.5 kB that nobody uses.
import { Fetch } from '../node_modules/engine.io-client/build/esm/transports/polling-fetch.js'
import { WS } from '../node_modules/engine.io-client/build/esm/transports/websocket.js'

export const transports = { websocket: WS, polling: Fetch }
