"""`ashop stock simulate`: the shop's own orders judged anew under other terms."""
