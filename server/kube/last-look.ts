import type { Dispatcher } from 'undici'

/** Why a call was not sent. */
class Withheld extends Error {
  constructor() {
    super('the call was no longer to be made when its connection was there')
    this.name = 'Withheld'
  }
}

/**
 * Asks `maySend` when the connection is there and the next thing is to write the request. Before that lie a login, a
 * TLS handshake and a wait for a free connection: time enough for a Lease to pass to another, most of all for a process
 * that was stopped there and goes on a minute later.
 */
export function withLastLook(dispatcher: Dispatcher, maySend: () => boolean): Dispatcher {
  return dispatcher.compose((dispatch) => (options, handler) => dispatch(options, looking(handler, maySend)))
}

function looking(handler: Dispatcher.DispatchHandler, maySend: () => boolean): Dispatcher.DispatchHandler {
  return {
    onRequestStart(controller, context) {
      handler.onRequestStart?.(controller, context)
      if (!maySend()) controller.abort(new Withheld())
    },
    onResponseStart: (...words) => handler.onResponseStart?.(...words),
    onResponseData: (...words) => handler.onResponseData?.(...words),
    onResponseEnd: (...words) => handler.onResponseEnd?.(...words),
    onResponseError: (...words) => handler.onResponseError?.(...words),
  }
}
