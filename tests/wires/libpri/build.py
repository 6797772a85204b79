"""Compiles the binding of Debian's libpri that the peer process loads; never imported by the
product.

libpri is GPL: it stays a program of its own on the other end of a wire.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from cffi import FFI

ROOT = Path(__file__).resolve().parents[3]

_HEADER = r"""
struct pri; typedef struct q931_call q931_call; struct pri_sr;
struct timeval { long tv_sec; long tv_usec; };
typedef int (*pri_io_cb)(struct pri *pri, void *buf, int buflen);
typedef struct { int e; int channel; int callingpres; int callingplan; char callingnum[256];
  char callingname[256]; int calledplan; char callednum[256]; char redirectingnum[256];
  int flexible; int cref; int ctype; int layer1; int complete; q931_call *call; int progress;
  int progressmask; char useruserinfo[260]; ...; } pri_event_ring;
typedef struct { int e; int channel; int cref; int progress; int progressmask;
  q931_call *call; ...; } pri_event_ringing;
typedef struct { int e; int channel; int cref; int progress; int progressmask;
  q931_call *call; ...; } pri_event_answer;
typedef struct { int e; int channel; int cref; int progress; int progressmask; int cause;
  q931_call *call; ...; } pri_event_proceeding;
typedef struct { int e; int channel; int cause; int cref; q931_call *call; ...; } pri_event_hangup;
typedef struct { int e; int channel; ...; } pri_event_restart;
typedef struct { int e; int channel; q931_call *call; int progressmask; ...; } pri_event_setup_ack;
typedef struct { int e; int channel; int changestatus; } pri_event_service;
typedef struct { int e; int channel; int changestatus; } pri_event_service_ack;
typedef union { int e; pri_event_ring ring; pri_event_hangup hangup; pri_event_ringing ringing;
  pri_event_answer answer; pri_event_proceeding proceeding; pri_event_restart restart;
  pri_event_setup_ack setup_ack; pri_event_service service;
  pri_event_service_ack service_ack;
  ...; } pri_event;
struct pri *pri_new_cb(int fd, int nodetype, int switchtype, pri_io_cb io_read,
  pri_io_cb io_write, void *userdata);
struct pri *pri_new_bri_cb(int fd, int ptpmode, int nodetype, int switchtype, pri_io_cb io_read,
  pri_io_cb io_write, void *userdata);
void pri_set_debug(struct pri *pri, int debug);
pri_event *pri_check_event(struct pri *pri);
char *pri_event2str(int id);
q931_call *pri_new_call(struct pri *pri);
struct timeval *pri_schedule_next(struct pri *pri);
pri_event *pri_schedule_run(struct pri *pri);
struct pri_sr *pri_sr_new(void);
void pri_sr_free(struct pri_sr *sr);
int pri_sr_set_channel(struct pri_sr *sr, int channel, int exclusive, int nonisdn);
int pri_sr_set_bearer(struct pri_sr *sr, int transmode, int userl1);
int pri_sr_set_called(struct pri_sr *sr, char *called, int calledplan, int complete);
int pri_sr_set_caller(struct pri_sr *sr, char *caller, char *callername, int callerplan,
  int callerpres);
int pri_setup(struct pri *pri, q931_call *call, struct pri_sr *req);
int pri_acknowledge(struct pri *pri, q931_call *call, int channel, int info);
int pri_proceeding(struct pri *pri, q931_call *c, int channel, int info);
int pri_progress_with_cause(struct pri *pri, q931_call *c, int channel, int info, int cause);
int pri_need_more_info(struct pri *pri, q931_call *call, int channel, int nonisdn);
int pri_information(struct pri *pri, q931_call *call, char digit);
void pri_set_overlapdial(struct pri *pri, int state);
int pri_set_service_message_support(struct pri *pri, int supportflag);
int pri_answer(struct pri *pri, q931_call *call, int channel, int nonisdn);
int pri_hangup(struct pri *pri, q931_call *call, int cause);
int pri_reset(struct pri *pri, int channel);
int pri_maintenance_service(struct pri *pri, int span, int channel, int changestatus);
int pri_set_timer(struct pri *pri, int timer, int value);
int pri_timer2idx(const char *timer_name);
void pri_set_message(void (*cb)(struct pri *pri, char *));
void pri_set_error(void (*cb)(struct pri *pri, char *));
char *pri_dump_info_str(struct pri *pri);
#define PRI_NETWORK ...
#define PRI_SWITCH_NI2 ...
#define PRI_SWITCH_DMS100 ...
#define PRI_SWITCH_LUCENT5E ...
#define PRI_SWITCH_ATT4ESS ...
#define PRI_SWITCH_EUROISDN_E1 ...
#define PRI_NATIONAL_ISDN ...
#define PRES_ALLOWED_USER_NUMBER_PASSED_SCREEN ...
#define PRI_TRANS_CAP_SPEECH ...
#define PRI_LAYER_1_ULAW ...
#define PRI_LAYER_1_ALAW ...
#define PRI_DEBUG_ALL ...
extern "Python" int io_read(struct pri *pri, void *buf, int buflen);
extern "Python" int io_write(struct pri *pri, void *buf, int buflen);
extern "Python" void on_message(struct pri *pri, char *text);
void free(void *ptr);
"""
_SOURCE = "#include <stdlib.h>\n#include <sys/time.h>\n#include <libpri.h>\n"


def binding() -> ModuleType:
    """Return the compiled binding; compiles it once per state of this file, into ``build/``."""
    name = "_elingate_libpri"
    state = hashlib.sha256((_HEADER + _SOURCE + sys.version).encode()).hexdigest()[:16]
    folder = ROOT / "build" / f"libpri-{state}"
    compiled = next(folder.glob(f"{name}*.so"), None)
    if compiled is None:
        ffi = FFI()
        ffi.cdef(_HEADER)
        ffi.set_source(name, _SOURCE, libraries=["pri"])
        staging = ROOT / "build" / f"libpri-{state}.{id(ffi)}"
        made = Path(ffi.compile(tmpdir=str(staging)))
        folder.mkdir(parents=True, exist_ok=True)
        compiled = folder / made.name
        made.replace(compiled)
    spec = importlib.util.spec_from_file_location(name, compiled)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    binding()
