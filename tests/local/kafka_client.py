"""Kafka for tests by librdkafka's C interface (ctypes): read topics with headers, write records, look at and move a group's committed offsets.

It shares no code with the services. All functions block and are for one thread each.
"""
import collections
import ctypes as c
import time

Record = collections.namedtuple("Record", "topic partition offset key value headers timestamp")

_TOPIC, _PARTITION, _VALUE, _KEY, _MSGFLAGS, _HEADER = 1, 3, 4, 5, 7, 9  # rd_kafka_vtype_t
_COPY = 2  # RD_KAFKA_MSG_F_COPY
_ANY_PARTITION = -1
WAIT_MILLIS = 15_000


class _Message(c.Structure):
    _fields_ = [("err", c.c_int), ("rkt", c.c_void_p), ("partition", c.c_int32), ("payload", c.c_void_p), ("len", c.c_size_t),
                ("key", c.c_void_p), ("key_len", c.c_size_t), ("offset", c.c_int64), ("private", c.c_void_p)]


class _Position(c.Structure):
    _fields_ = [("topic", c.c_char_p), ("partition", c.c_int32), ("offset", c.c_int64), ("metadata", c.c_void_p),
                ("metadata_size", c.c_size_t), ("opaque", c.c_void_p), ("err", c.c_int), ("private", c.c_void_p)]


class _Positions(c.Structure):
    _fields_ = [("cnt", c.c_int), ("size", c.c_int), ("elems", c.POINTER(_Position))]


class _Bytes(c.Structure):
    _fields_ = [("mem", c.c_char_p), ("size", c.c_size_t)]


class _Header(c.Structure):
    _fields_ = [("name", c.c_char_p), ("val", c.c_char_p), ("size", c.c_ssize_t)]


class _Argument(c.Union):
    _fields_ = [("cstr", c.c_char_p), ("i", c.c_int), ("i32", c.c_int32), ("mem", _Bytes), ("header", _Header), ("pad", c.c_char * 64)]


class _Vu(c.Structure):
    _fields_ = [("vtype", c.c_int), ("u", _Argument)]


_rk = c.CDLL("librdkafka.so.1")
for _name, _result in {
        "rd_kafka_conf_new": c.c_void_p, "rd_kafka_new": c.c_void_p, "rd_kafka_topic_name": c.c_char_p, "rd_kafka_err2str": c.c_char_p,
        "rd_kafka_topic_partition_list_new": c.POINTER(_Positions), "rd_kafka_topic_partition_list_add": c.POINTER(_Position),
        "rd_kafka_consumer_poll": c.POINTER(_Message), "rd_kafka_message_timestamp": c.c_int64, "rd_kafka_produceva": c.c_void_p,
        "rd_kafka_error_string": c.c_char_p}.items():
    getattr(_rk, _name).restype = _result


class KafkaError(RuntimeError):
    pass


def _checked(code, doing):
    if code != 0:
        raise KafkaError(f"{doing}: {_rk.rd_kafka_err2str(code).decode()}")


class Client:
    """A consumer without a group's membership, or a producer."""

    def __init__(self, servers, producer=False, group="tests", **properties):
        conf = c.c_void_p(_rk.rd_kafka_conf_new())
        settings = {"bootstrap.servers": servers, "reconnect.backoff.max.ms": "500", "log_level": "0"}
        if producer:
            settings |= {"partitioner": "murmur2_random", "acks": "all"}
        else:
            settings |= {"group.id": group, "enable.auto.commit": "false", "enable.partition.eof": "true", "auto.offset.reset": "error"}
        text = c.create_string_buffer(512)
        for name, value in {**settings, **{key.replace("_", "."): str(one) for key, one in properties.items()}}.items():
            if _rk.rd_kafka_conf_set(conf, name.encode(), value.encode(), text, c.c_size_t(512)) != 0:
                raise KafkaError(text.value.decode())
        made = _rk.rd_kafka_new(0 if producer else 1, conf, text, c.c_size_t(512))
        if not made:
            raise KafkaError(text.value.decode())
        self.rk = c.c_void_p(made)
        self.producer = producer
        if not producer:
            _rk.rd_kafka_poll_set_consumer(self.rk)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        _rk.rd_kafka_destroy(self.rk)

    # --- reading

    def end_offsets(self, topic, partitions):
        """{(topic, partition): (first, end)}"""
        found = {}
        for partition in range(partitions):
            low, high = c.c_int64(), c.c_int64()
            _checked(_rk.rd_kafka_query_watermark_offsets(
                self.rk, topic.encode(), c.c_int32(partition), c.byref(low), c.byref(high), WAIT_MILLIS), f"end of {topic}")
            found[topic, partition] = (low.value, high.value)
        return found

    def read(self, topics, partitions, since=None):
        """All records of the topics from the first one, or from the offsets of `since`, to the present end; in order within each partition."""
        open_at = {}
        for topic in topics:
            for at, (low, high) in self.end_offsets(topic, partitions).items():
                first = max(low, (since or {}).get(at, low))
                open_at |= {at: (first, high)} if high > first else {}
        wanted = self._positions({at: first for at, (first, _) in open_at.items()})
        _checked(_rk.rd_kafka_assign(self.rk, wanted), "assign")
        _rk.rd_kafka_topic_partition_list_destroy(wanted)
        records, end = [], time.monotonic() + 60
        while open_at:
            if time.monotonic() > end:
                raise KafkaError(f"topics could not be read to their ends: {open_at}")
            message = _rk.rd_kafka_consumer_poll(self.rk, 200)
            if not message:
                continue
            one = message.contents
            if one.err == 0:
                at = (_rk.rd_kafka_topic_name(c.c_void_p(one.rkt)).decode(), one.partition)
                if at in open_at and one.offset < open_at[at][1]:
                    records.append(self._record(message, at))
                if at in open_at and one.offset + 1 >= open_at[at][1]:
                    del open_at[at]
            elif one.err == -191:  # end of a partition: transaction markers and gaps may stand before its end
                open_at.pop((_rk.rd_kafka_topic_name(c.c_void_p(one.rkt)).decode(), one.partition), None)
            _rk.rd_kafka_message_destroy(message)
        _rk.rd_kafka_assign(self.rk, None)
        return records

    @staticmethod
    def _record(message, at):
        one = message.contents
        kind = c.c_int()
        timestamp = _rk.rd_kafka_message_timestamp(message, c.byref(kind))
        headers, found = c.c_void_p(), []
        if _rk.rd_kafka_message_headers(message, c.byref(headers)) == 0:
            name, value, size, at_header = c.c_char_p(), c.c_void_p(), c.c_size_t(), 0
            while _rk.rd_kafka_header_get_all(headers, c.c_size_t(at_header), c.byref(name), c.byref(value), c.byref(size)) == 0:
                found.append((name.value.decode(), c.string_at(value.value, size.value) if value.value else b""))
                at_header += 1
        return Record(
            *at, one.offset, c.string_at(one.key, one.key_len) if one.key else b"",
            c.string_at(one.payload, one.len) if one.payload else None, found, timestamp)

    # --- a group's offsets

    def _positions(self, offsets):
        made = _rk.rd_kafka_topic_partition_list_new(max(1, len(offsets)))
        for (topic, partition), offset in offsets.items():
            _rk.rd_kafka_topic_partition_list_add(made, topic.encode(), c.c_int32(partition)).contents.offset = offset
        return made

    def committed(self, topics, partitions):
        """{(topic, partition): offset}, -1001 where the group has none."""
        wanted = self._positions({(topic, partition): -1001 for topic in topics for partition in range(partitions)})
        try:
            _checked(_rk.rd_kafka_committed(self.rk, wanted, WAIT_MILLIS), "committed offsets")
            return {(one.topic.decode(), one.partition): one.offset for one in (wanted.contents.elems[i] for i in range(wanted.contents.cnt))}
        finally:
            _rk.rd_kafka_topic_partition_list_destroy(wanted)

    def commit(self, offsets):
        """Moves the group, which must have no members, to {(topic, partition): offset}."""
        wanted = self._positions(offsets)
        try:
            _checked(_rk.rd_kafka_commit(self.rk, wanted, 0), "commit offsets")
        finally:
            _rk.rd_kafka_topic_partition_list_destroy(wanted)

    # --- writing

    def send(self, topic, key, value, headers=(), partition=_ANY_PARTITION):
        arguments = [(_TOPIC, "cstr", topic.encode()), (_PARTITION, "i32", partition), (_MSGFLAGS, "i", _COPY),
                     (_KEY, "mem", _Bytes(key, len(key)))]
        if value is not None:
            arguments.append((_VALUE, "mem", _Bytes(value, len(value))))
        arguments += [(_HEADER, "header", _Header(name.encode(), one, len(one))) for name, one in headers]
        array = (_Vu * len(arguments))()
        for place, (vtype, field, one) in zip(array, arguments):
            place.vtype = vtype
            setattr(place.u, field, one)
        while error := _rk.rd_kafka_produceva(self.rk, array, c.c_size_t(len(arguments))):
            text = _rk.rd_kafka_error_string(c.c_void_p(error)).decode()
            _rk.rd_kafka_error_destroy(c.c_void_p(error))
            if "full" not in text:
                raise KafkaError(f"produce to {topic}: {text}")
            _rk.rd_kafka_poll(self.rk, 50)

    def flush(self):
        _checked(_rk.rd_kafka_flush(self.rk, WAIT_MILLIS), "flush")
