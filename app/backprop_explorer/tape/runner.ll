; The native runner of a tape. Each record calls one inner loop of NumPy on given arrays.
; The fields of a record match RECORD in loops.py.
%record = type {
  ptr,        ; 0 loop: i32 (context, data, dimensions, strides, auxdata), 0 for success
  ptr,        ; 1 context
  ptr,        ; 2 auxdata
  i64,        ; 3 rows: number of calls per step
  [3 x ptr],  ; 4 data: addresses of the operands at step 0
  [3 x i64],  ; 5 per_step: bytes to add to each address per step
  [3 x i64],  ; 6 per_row: bytes to add to each address per row
  [4 x i64],  ; 7 dimensions
  [9 x i64]   ; 8 strides
}

; Runs the steps position[0] to until - 1, the first one from record position[1] on. Returns 0 at the
; end. Returns 1 if a loop returned a negative number; position then holds that step and record. If a
; loop returns a positive number, that many records are skipped.
define i32 @run(ptr %records, i64 %count, ptr %position, i64 %until) {
entry:
  %data = alloca [3 x ptr]
  %data1 = getelementptr [3 x ptr], ptr %data, i64 0, i64 1
  %data2 = getelementptr [3 x ptr], ptr %data, i64 0, i64 2
  %position1 = getelementptr i64, ptr %position, i64 1
  %first = load i64, ptr %position
  %start = load i64, ptr %position1
  br label %steps

steps:
  %step = phi i64 [ %first, %entry ], [ %step.next, %step.end ]
  %from = phi i64 [ %start, %entry ], [ 0, %step.end ]
  %more = icmp slt i64 %step, %until
  br i1 %more, label %calls, label %finished

calls:
  %k = phi i64 [ %from, %steps ], [ %k.next, %call.end ]
  %have = icmp slt i64 %k, %count
  br i1 %have, label %call, label %step.end

call:
  %loop.at = getelementptr %record, ptr %records, i64 %k, i32 0
  %loop = load ptr, ptr %loop.at
  %context.at = getelementptr %record, ptr %records, i64 %k, i32 1
  %context = load ptr, ptr %context.at
  %auxdata.at = getelementptr %record, ptr %records, i64 %k, i32 2
  %auxdata = load ptr, ptr %auxdata.at
  %rows.at = getelementptr %record, ptr %records, i64 %k, i32 3
  %rows = load i64, ptr %rows.at
  %base0.at = getelementptr %record, ptr %records, i64 %k, i32 4, i64 0
  %base1.at = getelementptr %record, ptr %records, i64 %k, i32 4, i64 1
  %base2.at = getelementptr %record, ptr %records, i64 %k, i32 4, i64 2
  %base0 = load ptr, ptr %base0.at
  %base1 = load ptr, ptr %base1.at
  %base2 = load ptr, ptr %base2.at
  %per.step0.at = getelementptr %record, ptr %records, i64 %k, i32 5, i64 0
  %per.step1.at = getelementptr %record, ptr %records, i64 %k, i32 5, i64 1
  %per.step2.at = getelementptr %record, ptr %records, i64 %k, i32 5, i64 2
  %per.step0 = load i64, ptr %per.step0.at
  %per.step1 = load i64, ptr %per.step1.at
  %per.step2 = load i64, ptr %per.step2.at
  %move0 = mul i64 %per.step0, %step
  %move1 = mul i64 %per.step1, %step
  %move2 = mul i64 %per.step2, %step
  %begin0 = getelementptr i8, ptr %base0, i64 %move0
  %begin1 = getelementptr i8, ptr %base1, i64 %move1
  %begin2 = getelementptr i8, ptr %base2, i64 %move2
  %per.row0.at = getelementptr %record, ptr %records, i64 %k, i32 6, i64 0
  %per.row1.at = getelementptr %record, ptr %records, i64 %k, i32 6, i64 1
  %per.row2.at = getelementptr %record, ptr %records, i64 %k, i32 6, i64 2
  %per.row0 = load i64, ptr %per.row0.at
  %per.row1 = load i64, ptr %per.row1.at
  %per.row2 = load i64, ptr %per.row2.at
  %dimensions = getelementptr %record, ptr %records, i64 %k, i32 7
  %strides = getelementptr %record, ptr %records, i64 %k, i32 8
  br label %row

row:
  %r = phi i64 [ 0, %call ], [ %r.next, %row.end ]
  %at0 = phi ptr [ %begin0, %call ], [ %at0.next, %row.end ]
  %at1 = phi ptr [ %begin1, %call ], [ %at1.next, %row.end ]
  %at2 = phi ptr [ %begin2, %call ], [ %at2.next, %row.end ]
  store ptr %at0, ptr %data
  store ptr %at1, ptr %data1
  store ptr %at2, ptr %data2
  %answer = call i32 %loop(ptr %context, ptr %data, ptr %dimensions, ptr %strides, ptr %auxdata)
  %good = icmp sge i32 %answer, 0
  br i1 %good, label %row.end, label %stopped

row.end:
  %at0.next = getelementptr i8, ptr %at0, i64 %per.row0
  %at1.next = getelementptr i8, ptr %at1, i64 %per.row1
  %at2.next = getelementptr i8, ptr %at2, i64 %per.row2
  %r.next = add i64 %r, 1
  %again = icmp slt i64 %r.next, %rows
  br i1 %again, label %row, label %call.end

call.end:
  %skipped = sext i32 %answer to i64
  %behind = add i64 %k, 1
  %k.next = add i64 %behind, %skipped
  br label %calls

step.end:
  %step.next = add i64 %step, 1
  br label %steps

stopped:
  store i64 %step, ptr %position
  store i64 %k, ptr %position1
  ret i32 1

finished:
  store i64 %until, ptr %position
  store i64 0, ptr %position1
  ret i32 0
}

; Loops that NumPy does not have. They have the signature of a NumPy inner loop.

; Stops the run: Python must execute this entry.
define i32 @stop(ptr %context, ptr %data, ptr %dimensions, ptr %strides, ptr %auxdata) {
  ret i32 -1
}

; Stops the run unless the number is <= auxdata[0]. NaN stops it, too.
define i32 @stop_above(ptr %context, ptr %data, ptr %dimensions, ptr %strides, ptr %auxdata) {
  %at = load ptr, ptr %data
  %number = load double, ptr %at
  %most = load double, ptr %auxdata
  %inside = fcmp ole double %number, %most
  %answer = select i1 %inside, i32 0, i32 -1
  ret i32 %answer
}

; Skips dimensions[0] records unless the number is < auxdata[0]. NaN skips them, too.
define i32 @skip(ptr %context, ptr %data, ptr %dimensions, ptr %strides, ptr %auxdata) {
  %at = load ptr, ptr %data
  %number = load double, ptr %at
  %limit = load double, ptr %auxdata
  %less = fcmp olt double %number, %limit
  %records = load i64, ptr %dimensions
  %skipped = trunc i64 %records to i32
  %answer = select i1 %less, i32 0, i32 %skipped
  ret i32 %answer
}

; third[i] = second[i] wherever first[i] < auxdata[0].
define i32 @choose(ptr %context, ptr %data, ptr %dimensions, ptr %strides, ptr %auxdata) {
entry:
  %data1 = getelementptr ptr, ptr %data, i64 1
  %data2 = getelementptr ptr, ptr %data, i64 2
  %first = load ptr, ptr %data
  %second = load ptr, ptr %data1
  %third = load ptr, ptr %data2
  %limit = load double, ptr %auxdata
  %size = load i64, ptr %dimensions
  br label %check

check:
  %i = phi i64 [ 0, %entry ], [ %i.next, %next ]
  %more = icmp slt i64 %i, %size
  br i1 %more, label %look, label %end

look:
  %watched.at = getelementptr double, ptr %first, i64 %i
  %watched = load double, ptr %watched.at
  %less = fcmp olt double %watched, %limit
  br i1 %less, label %take, label %next

take:
  %better.at = getelementptr double, ptr %second, i64 %i
  %better = load double, ptr %better.at
  %out.at = getelementptr double, ptr %third, i64 %i
  store double %better, ptr %out.at
  br label %next

next:
  %i.next = add i64 %i, 1
  br label %check

end:
  ret i32 0
}

; A tape that runs as one record of another: see replays.py.
%inner = type {
  ptr,        ; 0 records
  i64,        ; 1 count
  i64,        ; 2 first step
  i64,        ; 3 end: the step after the last
  [2 x i64]   ; 4 position
}

; Runs the tape auxdata[0] from its first step to its end. data[0] becomes the end, or minus the step
; after the one at which the tape stopped.
define i32 @replay(ptr %context, ptr %data, ptr %dimensions, ptr %strides, ptr %auxdata) {
  %records = load ptr, ptr %auxdata
  %count.at = getelementptr %inner, ptr %auxdata, i64 0, i32 1
  %count = load i64, ptr %count.at
  %first.at = getelementptr %inner, ptr %auxdata, i64 0, i32 2
  %first = load i64, ptr %first.at
  %until.at = getelementptr %inner, ptr %auxdata, i64 0, i32 3
  %until = load i64, ptr %until.at
  %position = getelementptr %inner, ptr %auxdata, i64 0, i32 4, i64 0
  %position1 = getelementptr %inner, ptr %auxdata, i64 0, i32 4, i64 1
  store i64 %first, ptr %position
  store i64 0, ptr %position1
  %stopped = call i32 @run(ptr %records, i64 %count, ptr %position, i64 %until)
  %at = load i64, ptr %position
  %good = icmp eq i32 %stopped, 0
  %failed = sub i64 -1, %at
  %reached = select i1 %good, i64 %until, i64 %failed
  %out = load ptr, ptr %data
  store i64 %reached, ptr %out
  ret i32 0
}
