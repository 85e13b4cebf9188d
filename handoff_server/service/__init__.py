"""The changes that Relevo is made of. Each is a function `change(tx, …)`, run by the store as one durable step.

They know no transport: `intake` is the customer's side, `turns` the bot's, `handoffs` and `replies` the agents'.
"""
