"""Until when an order can still be changed: as long as the parcel has not left. The shop itself has the last word."""

# The order's state → why it is too late.
GONE = {
    "shipped": "already_shipped",
    "delivered": "already_delivered",
    "returned": "already_delivered",
    "cancelled": "already_cancelled",
}
