"""The same talk by each way of hearing it: polling, long polling, an event stream, a WebSocket. docs/transports.md."""
