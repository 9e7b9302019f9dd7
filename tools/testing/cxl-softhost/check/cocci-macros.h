/* SPDX-License-Identifier: GPL-2.0-only */
/* Macros that Coccinelle can't parse, and what it may take for them */
#define scoped_guard YACFE_ITERATOR
#define xa_for_each YACFE_ITERATOR
#define DEFINE_CLASS(name, type, exit, init, args)
#define DEFINE_FREE(name, type, free)
#define TRACE_EVENT(name, proto, args, entry, assign, print)
#define DECLARE_EVENT_CLASS(name, proto, args, entry, assign, print)
#define DEFINE_EVENT(class, name, proto, args)
